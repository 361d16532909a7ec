/**
 * The settings of ESP-IDF that Mote relies on, and a reader of the files that hold them.
 *
 * mcconfig merges the SDK's settings for a chip with `firmware/esp32/sdkconfig` into `sdkconfig.mc`;
 * a later line wins, and a setting that is switched off is written with an empty value.
 */

export type IdfSettings = ReadonlyMap<string, string>;

/**
 * What must hold on every chip, and why. A damaged slot must not be started: the bootloader checks
 * it at each boot, except when waking from deep sleep, where the check would cost the battery.
 */
const REQUIRED: readonly (readonly [name: string, value: 'y' | 'n', why: string])[] = Object.freeze(
  [
    ['BOOTLOADER_SKIP_VALIDATE_ALWAYS', 'n', 'a damaged image would be started'],
    ['BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON', 'n', 'a damaged image would be started'],
    ['BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP', 'y', 'each wake would take 200 ms more'],
    ['BOOTLOADER_APP_ROLLBACK_ENABLE', 'y', 'an image that never reaches its broker would stay'],
    ['ESP_TASK_WDT_PANIC', 'y', 'a board that hangs would hang for ever'],
    ['ESP_CONSOLE_UART_DEFAULT', 'y', 'the log would be printed nowhere'],
    ['PARTITION_TABLE_CUSTOM', 'y', 'the log of readings would have no place'],
  ],
);

/** Reads lines `CONFIG_NAME=value` and `# CONFIG_NAME is not set`; names come without `CONFIG_`. */
export function readIdfSettings(text: string): IdfSettings {
  const settings = new Map<string, string>();
  for (const line of text.split(/[\r\n]+/)) {
    const [, name, value] = /^CONFIG_(\w+)=(.*)$/.exec(line) ?? [];
    const [, unset] = /^# CONFIG_(\w+) is not set$/.exec(line) ?? [];
    if (name !== undefined) settings.set(name, value === '' ? 'n' : value);
    else if (unset !== undefined) settings.set(unset, 'n');
  }
  return settings;
}

/** @param settings those of a build; a switch that is absent is off. @returns a line per fault */
export function settingProblems(settings: IdfSettings): string[] {
  return REQUIRED.filter(([name, value]) => (settings.get(name) ?? 'n') !== value).map(
    ([name, value, why]) => `CONFIG_${name} is not ${value}: ${why}`,
  );
}
