/** An hour of a device with three sensors, rules and detectors. */

import { liveAnHour } from './hour.ts';
import { threeSensors } from './three-sensors.ts';

liveAnHour(threeSensors(10_000));
