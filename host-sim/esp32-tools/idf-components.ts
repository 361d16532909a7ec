/**
 * Which of ESP-IDF's components the linked C sources need, against those that the manifests declare.
 *
 * ESP-IDF links a component behind the SDK's archive only when a manifest declares it as a
 * `dependency`, in the entry of `platforms` that matches the board. One that is missing links by
 * luck, when something else brings it, or ends in undefined references.
 */

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

type Table = readonly (readonly [pattern: RegExp, component: string])[];

/** Public headers by component. What ESP-IDF links always (freertos, soc, hal, esp_rom) is left out. */
const HEADERS: Table = Object.freeze([
  [/^driver\/i2c_(master|slave|types)\.h$/, 'esp_driver_i2c'],
  [/^driver\/gpio/, 'esp_driver_gpio'],
  [/^driver\/gptimer/, 'esp_driver_gptimer'],
  [/^driver\/rmt_/, 'esp_driver_rmt'],
  [/^driver\/(uart|uhci)/, 'esp_driver_uart'],
  [/^driver\/ledc/, 'esp_driver_ledc'],
  [/^driver\/pulse_cnt/, 'esp_driver_pcnt'],
  [/^driver\/mcpwm/, 'esp_driver_mcpwm'],
  [/^driver\/(spi_|sdspi)/, 'esp_driver_spi'],
  [/^driver\/i2s/, 'esp_driver_i2s'],
  [/^driver\/dac/, 'esp_driver_dac'],
  [/^driver\/usb_serial_jtag/, 'esp_driver_usb_serial_jtag'],
  [/^(esp_adc|esp_adc\/include)\//, 'esp_adc'],
  [/^esp_(wifi|now|mesh|smartconfig)(_\w+)?\.h$/, 'esp_wifi'],
  [/^esp_netif/, 'esp_netif'],
  [/^esp_event/, 'esp_event'],
  [/^esp_eth/, 'esp_eth'],
  [/^esp_ota_ops\.h$/, 'app_update'],
  [/^nvs(_flash|_handle)?\.h/, 'nvs_flash'],
  [/^esp_partition\.h$/, 'esp_partition'],
  [/^(esp_flash|spi_flash_mmap|esp_flash_spi_init)\.h$/, 'spi_flash'],
  [/^lwip\//, 'lwip'],
  [/^mbedtls\//, 'mbedtls'],
  [/^esp_timer\.h$/, 'esp_timer'],
  [/^esp_pm\.h$/, 'esp_pm'],
  [/^onewire_\w+\.h$/, 'espressif__onewire_bus'],
]);

/** Functions that the manifest's `ffi` calls; an empty component is linked always. */
const FUNCTIONS: Table = Object.freeze([
  [/^esp_ota_/, 'app_update'],
  [/^esp_netif_/, 'esp_netif'],
  [/^esp_wifi_/, 'esp_wifi'],
  [/^nvs_/, 'nvs_flash'],
  [/^esp_timer_/, 'esp_timer'],
  [/^gpio_/, 'esp_driver_gpio'],
  [/^esp_partition_/, 'esp_partition'],
  // Ours: what its C file includes is looked at with the other sources.
  [/^mote_/, ''],
  [/^esp_(restart|reset_reason|get_\w+_heap_size|rom_\w+|random|read_mac|deep_sleep)$/, ''],
]);

/** A component with the sources, or functions, that need it. */
export interface Need {
  readonly component: string;
  readonly by: readonly string[];
}

/** What a build for a board links, as mcconfig wrote it down. */
export interface LinkedSources {
  /** Paths of C files. */
  readonly sources: readonly string[];
  /** The components that the manifests declare. */
  readonly declared: readonly string[];
}

/** Reads what mcconfig wrote. @param makefile its path; @param moddable the SDK's folder */
export function linkedSources(makefile: string, moddable: string): LinkedSources {
  const dependencies = join(dirname(makefile), 'xs_idf_deps.txt');
  const rules = readFileSync(makefile, 'utf8').matchAll(
    /^\$\(\w+\)\/\S+\.o: ([^\s%$]*[/\\][^\s%$]+\.c)\b/gm,
  );
  const platform = ['esp/xsHost.c', 'esp/xsPlatform.c', 'mc/xsHosts.c'];
  return {
    sources: [
      ...Array.from(rules, (match) => match[1]),
      ...platform.map((name) => join(moddable, 'xs', 'platforms', name)),
    ],
    declared: declaredIn(readFileSync(dependencies, 'utf8')),
  };
}

/** The components of `set(ESP_COMPONENTS …)`. */
export function declaredIn(text: string): string[] {
  const list = /set\(ESP_COMPONENTS ([^)]*)\)/.exec(text)?.[1] ?? '';
  return list.split(/\s+/).filter((name) => name !== '');
}

/** Components that sources need and nobody declares, in the order of their names. */
export function undeclared(linked: LinkedSources, needs: readonly Need[]): Need[] {
  return needs.filter(({ component }) => !linked.declared.includes(component));
}

/** What C sources need, by their `#include`s. @param read the text of a source */
export function needsOf(
  sources: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Need[] {
  const by = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const header of includesOf(read(source))) {
      const component = componentIn(HEADERS, header);
      if (component !== undefined) add(by, component, basename(source));
    }
  }
  return sorted(by);
}

/** What functions need that the manifest's `ffi` calls. @throws Error for one that nobody knows */
export function needsOfFunctions(names: readonly string[]): Need[] {
  const by = new Map<string, Set<string>>();
  for (const name of names) {
    const component = componentIn(FUNCTIONS, name);
    if (component === undefined) throw new Error(`which component of ESP-IDF has ${name}?`);
    if (component !== '') add(by, component, `${name}()`);
  }
  return sorted(by);
}

/** Names of headers, without the folder of their component before them. */
function includesOf(text: string): string[] {
  return Array.from(text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm), ([, header]) =>
    header.replace(/^\w+\/include\//, ''),
  );
}

function componentIn(table: Table, name: string): string | undefined {
  return table.find(([pattern]) => pattern.test(name))?.[1];
}

function add(by: Map<string, Set<string>>, component: string, name: string): void {
  const names = by.get(component) ?? new Set();
  by.set(component, names.add(name));
}

function sorted(by: Map<string, Set<string>>): Need[] {
  return [...by]
    .map(([component, names]) => ({ component, by: [...names].sort() }))
    .sort((a, b) => (a.component < b.component ? -1 : 1));
}
