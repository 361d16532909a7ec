/** Timers, clock, resources, native functions and build settings of Moddable, as they are used here. */

declare module 'timer' {
  interface TimerId {
    readonly brand: 'timer';
  }
  const Timer: {
    set(callback: () => void, delayMs?: number): TimerId;
    repeat(callback: () => void, intervalMs: number): TimerId;
    /** Without a delay the timer rests, and can be scheduled again. */
    schedule(timer: TimerId, delayMs?: number, intervalMs?: number): void;
    clear(timer: TimerId | undefined): void;
  };

  export type { TimerId };
  export default Timer;
}

declare module 'time' {
  const Time: {
    /** Milliseconds as 32 bits, signed, that wrap around. */
    readonly ticks: number;
    /** Sets the wall clock, in Unix seconds. */
    set(seconds: number): void;
  };
  export default Time;
}

declare module 'Resource' {
  /** A file in flash: bytes that can be viewed and not written. */
  class Resource {
    /** @throws when there is none of this name. */
    constructor(name: string);
    readonly byteLength: number;
    static exists(name: string): boolean;
  }
  export default Resource;
}

declare module 'mc/config' {
  const config: {
    /** `config` of manifest.json; pins, or -1 for none. */
    readonly board: {
      readonly model: string;
      readonly sda: number;
      readonly scl: number;
      readonly ledPin: number;
      readonly buttonPin: number;
      /** What each GPIO can do, as `BoardPins` says. */
      readonly uses: string;
    };
  };
  export default config;
}

/** `ffi.functions` of manifest.json: functions of ESP-IDF, and of the C files beside this folder. */
declare module 'mc/ffi' {
  export default class Native {
    constructor();
    esp_restart(): void;
    esp_deep_sleep(microseconds: bigint): void;
    esp_reset_reason(): number;
    esp_random(): number;
    /** Six bytes; `type` 0 is the station's. */
    esp_read_mac(into: ArrayBuffer, type: number): number;
    esp_get_free_heap_size(): number;
    esp_get_minimum_free_heap_size(): number;
    esp_ota_mark_app_valid_cancel_rollback(): number;
    /** A handle, 0 for none. */
    esp_netif_get_handle_from_ifkey(key: string): number;
    esp_netif_dhcpc_start(netif: number): number;
    esp_netif_dhcpc_stop(netif: number): number;
    /** Address, netmask, gateway, in the order of the network. */
    esp_netif_set_ip_info(netif: number, info: ArrayBuffer): number;
    /** `type` 0 is the main server; an address of lwIP. */
    esp_netif_set_dns_info(netif: number, type: number, info: ArrayBuffer): number;
    /** crc32.c: the CRC-32 of so many bytes from an offset on. What lies outside is not noticed. */
    mote_crc32(bytes: ArrayBuffer, offset: number, count: number): number;
    /** tcpip.c: holds lwIP's thread. */
    mote_tcpip_hold(): void;
    mote_tcpip_release(): void;
  }
}
