/** What `npm run settings -- --help` prints. */
export const SETTINGS_HELP = `Mote: tells boards their settings by MQTT, and what became of them.

npm run settings -- --broker URL [--to FILTER] --set NAME=VALUE ... [options]
npm run settings -- --broker URL [--to FILTER] --get

  --broker URL       mqtt://, mqtts://, ws:// or wss://[user:password@]host[:port][/path]
  --user NAME        user name for the broker
  --password TEXT    its password
  --ca FILE          PEM certificates of the authorities to trust (mqtts, wss)
  --cert FILE        PEM certificate to sign in with (mqtts, wss), with --key
  --key FILE         its PEM private key
  --to FILTER        base topics of the boards, mote/+ otherwise: mote/kitchen, home/+/sensors
  --get              print what the boards have
  --set NAME=VALUE   a setting, as often as needed: intervalS=30 label=Kitchen wifiPassword=...
                     NAME=@FILE takes the value from a file, NAME=@@... is one that begins with @
  --file FILE        settings as a JSON object: {"intervalS":30,"label":"Kitchen"}
  --insecure         send secrets (passwords, keys) over a connection without TLS
  --wait [TIME]      wait for boards that are asleep or gone, too: 30s, 10m, 8h; 4m otherwise
  -h, --help         print this

What is sent is retained: a board that is away takes it when it comes. Without --wait the command
ends when all boards that are online have answered, after 4 minutes at most: settings that could cut
a board off are tried first, which takes up to three. What still waited for a board that is away is
kept beside what is new. Certificates and keys are sent in pieces, and judged together.
Names of settings: docs/payloads.md, or --get. Exit code: 0 all took it, 1 some did not, or none
was found; 2 bad options.
`;
