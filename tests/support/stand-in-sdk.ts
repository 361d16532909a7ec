/**
 * Stand-ins for the programs that build and flash: mcconfig with what it calls (make, ESP-IDF). They
 * do what those do as far as a caller sees it: a folder that is not there is refused, files appear
 * where the SDK puts them, and a failure of ESP-IDF in the middle goes unreported.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the next build behaves. */
export type Behaviour =
  | 'builds'
  /** An error of the compiler for the firmware's own sources: make notices it. */
  | 'compile error'
  /** An error within ESP-IDF: make goes on, with the image of the build before. */
  | 'idf error'
  | 'no board';

export interface StandInSdk {
  /** PATH, MODDABLE and IDF_PATH that make a machine of them. */
  readonly environment: Readonly<Record<string, string>>;
  /** @param imageBytes size of the image that ESP-IDF links */
  behave(behaviour: Behaviour, imageBytes: number): void;
  /** What the programs were asked to do since the last call, a line each. */
  calls(): string[];
}

const MCCONFIG = `
kind=
while [ $# -gt 0 ]; do
  case $1 in
    -d*) kind=debug ;;
    -m) ;;
    -t) shift; target=$1 ;;
    -p) shift; board=$1 ;;
    -o) shift; out=$1; [ -d "$out" ] || { echo "### Error: -o '$out': directory not found!"; exit 1; } ;;
    *) [ -f "$1" ] || { echo "### Error: '$1': manifest not found!"; exit 1; } ;;
  esac
  shift
done
[ -n "$kind" ] || kind=release
echo "$target $board $kind port=$UPLOAD_PORT table=$(basename "$PARTITIONS_FILE") in=$PWD" >> "$HERE/calls"
. "$HERE/behaviour"
bin=$out/bin/$board/$kind/mote
idf=$out/tmp/$board/$kind/mote/xsProj/build
mkdir -p "$bin" "$idf"
case $target in
  build)
    [ "$behaviour" != 'compile error' ] || { echo 'make: *** [mc.xs.c.o] Error 1'; exit 2; }
    if [ "$behaviour" = 'idf error' ]; then
      echo 'ninja: build stopped: subcommand failed.'
    elif [ ! -f "$idf/.bin_timestamp" ]; then
      head -c "$bytes" /dev/zero > "$idf/xs_esp32.bin"
      echo made > "$idf/.bin_timestamp"
    fi
    cp "$idf/xs_esp32.bin" "$bin" 2>/dev/null || true ;;
  deploy)
    [ -f "$bin/xs_esp32.bin" ] || { echo 'Please build before deploy'; exit 2; }
    [ "$behaviour" != 'no board' ] || { echo 'No serial ports found'; exit 2; } ;;
  xsbug) echo 'set-up network Mote-1B2C' ;;
  *) echo "make: *** No rule to make target '$target'"; exit 2 ;;
esac
`;

/** @param folder where they are put */
export function standInSdk(folder: string): StandInSdk {
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  const tool = (name: string, script: string): void =>
    put(`bin/${name}`, `#!/bin/sh\nHERE='${folder}'\n${script}`, 0o755);
  put('moddable/examples/manifest_base.json', '{}');
  put('idf/tools/cmake/version.cmake', 'set(IDF_VERSION_MAJOR 6)\n');
  put('calls', '');
  tool('tsc', 'echo Version 6.0.1\n');
  tool('idf.py', 'exit 0\n');
  tool('mcconfig', MCCONFIG);
  return {
    environment: {
      PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: folder,
      MODDABLE: join(folder, 'moddable'),
      IDF_PATH: join(folder, 'idf'),
    },
    behave: (behaviour, imageBytes) =>
      put('behaviour', `behaviour='${behaviour}'\nbytes=${imageBytes}\n`),
    calls() {
      const lines = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
      put('calls', '');
      return lines;
    },
  };
}
