/** The station's address: by DHCP, or fixed. */

import type Native from 'mc/ffi';
import type { FixedAddress } from '../ports.ts';
import { addressBytes } from '../wifi/addresses.ts';

const STATION = 'WIFI_STA_DEF';
/** lwIP's address: four words, and the type behind them, which is 0 for IPv4. */
const ADDRESS_BYTES = 24;

/** To be called when the radio is associated (ESP-IDF, esp_netif). @param fixed undefined: DHCP */
export function setAddress(native: Native, fixed: FixedAddress | undefined): void {
  const netif = native.esp_netif_get_handle_from_ifkey(STATION);
  if (fixed === undefined) {
    native.esp_netif_dhcpc_start(netif);
    return;
  }
  native.esp_netif_dhcpc_stop(netif);
  const { address, netmask, gateway, dns } = fixed;
  const info = [address, netmask, gateway].flatMap((text) => [...addressBytes(text)]);
  native.esp_netif_set_ip_info(netif, Uint8Array.from(info).buffer);
  const server = new Uint8Array(ADDRESS_BYTES);
  server.set(addressBytes(dns));
  native.esp_netif_set_dns_info(netif, 0, server.buffer);
}
