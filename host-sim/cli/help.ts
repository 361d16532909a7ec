/** What `npm start -- --help` prints. */
export const HELP = `Mote: a simulated sensor board that publishes MQTT telemetry.

npm start -- [options]

Without --broker an embedded broker runs on free loopback ports; with --user it asks for a login.
Beside it runs a time server, which the boards ask; with --broker the host's clock is theirs.

  --broker URL       mqtt://, mqtts://, ws:// or wss://[user:password@]host[:port][/path]
  --user NAME        user name for the broker
  --password TEXT    its password
  --sign-in HOW      password sends it; scram proves it by SCRAM-SHA-256, in MQTT 5, unsent
  --ca FILE          PEM certificates of the authorities to trust (mqtts, wss)
  --cert FILE        PEM certificate of the device (mqtts, wss), with --key
  --key FILE         PEM private key of the device
  --alpn NAME        application protocol to offer (mqtts)
  --mqtt VERSION     5 or 3.1.1; otherwise 5, falling back to 3.1.1
  --id ID            name of the device, a-z 0-9 and -; topics are mote/ID/...
  --interval TIME    time between two readings: 500ms, 2s, 1m; 1s otherwise
  --devices N        this many devices in one process, ID-001 and so on
  --duration TIME    stop by itself: 10s, 5m, 2h
  --state DIR        keep the boards' flash there: a later run goes on where this one ended
  --time-server H[:P] boards start without the time and ask this SNTP server for it
  --sensors LIST     chips on the boards' buses, bme280 otherwise: sht4x,scd4x,ds18b20 ...
                     and on pins: analog-34,ntc-34,contact-4,pulse-5,ds18b20-17
  --alarms RULES     rules for alarms: 'temperature > 30 for 60s latched; humidity < 20'
  --sample TIME      time between two samples; a reading is the mean of its interval's
  --spread           readings have the least and the greatest sample, too
  --on-change LIST   store a reading only when it moved: 'temperature 0.2, humidity 1'
  --silence TIME     then, too, when none was stored for so long; 1h otherwise
  --home-assistant   announce the boards to Home Assistant; taken back at the end
  --unprovisioned    start a board without settings, to be set up through its page
  --provisioned      set the boards up with what is said here, as their page would: it is saved as
                     their own settings, which commands and settings from afar can change. Their
                     Wi-Fi is "Home" with the password mote-demo; any other one fails as on a board
  --desired FILE     with --provisioned: settings from afar, {"v":1,"intervalS":5} or the like,
                     which the embedded broker keeps for each board
  --setup-port PORT  loopback port of that page; a free one otherwise
  --button TIME      hold its button when power comes on: 1s opens the page, 6s is a factory reset
  --open             open the page in the browser
  --packets          each MQTT packet as a line, decoded, both ways; of passwords and settings that
                     may hold some only the length
  --json             events on standard output, one JSON object per line
  --quiet            problems, the set-up page and the summary only
  --version          print the version
  -h, --help         print this

A broker that is down is tried as boards do it: within a second at first, each minute at last.
Ctrl-C, or q on a terminal, says goodbye to the broker and stops; a second one stops at once.
With --state, boards that are set up keep what they have: --provisioned then changes nothing.
With --unprovisioned and --provisioned, b on a terminal or the signal SIGUSR2 turns the boards off
and on with their button held for a second, and B with it held for six.
Exit code: 0 done, 1 failed, 2 bad options.
`;
