// Runs schedules on devices: each device goes through all of them, one after
// the other, and some devices at once.
import { Device } from './device.mjs';
import { Random } from './random.mjs';
import { LIMITS, repeat, SHORT_LIMITS } from './repetition.mjs';
import { plan, schedules } from './schedules.mjs';
import { World } from './world.mjs';

/** Returns one result for each repetition of each schedule whose name contains
 * `only`. With `devices` above 1, as many share the schedules of a repetition.
 * After `minutes`, no device begins another schedule. */
export async function run({ only = '', atOnce, devices = 1, minutes = Infinity, ...more }) {
  const until = performance.now() + minutes * 60_000;
  const names = Object.keys(schedules).filter(name => name.includes(only));
  const lanes = lanesOf(names, { devices, ...more });
  const results = [];
  const world = await World.start();
  try {
    const work = async () => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift()) await through(world, lane, { until, results, ...more });
    };
    const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
    for (const { reason } of ends) if (reason) throw reason;
  } finally {
    await world.stop();
  }
  return results;
}

// A lane is one device and the schedules that it goes through. The order is
// another one on each, so that a busy moment of this machine does not hit one
// schedule only.
function lanesOf(names, { repetitions, generations, natives, devices, seed }) {
  const lanes = [];
  for (let number = 1; number <= repetitions; number++) {
    for (const generation of generations) {
      for (const native of natives) {
        const order = new Random(seed, number, generation, native).shuffled(names);
        for (let device = 0; device < devices; device++) {
          const own = order.filter((_, i) => i % devices === device);
          if (own.length > 0) lanes.push({ which: { generation, native, number }, device, names: own });
        }
      }
    }
  }
  return lanes;
}

async function through(world, { which, device: index, names }, { until, seed, short = false, limits, results, onResult = () => {} }) {
  const device = await Device.create({ world, ...which, index });
  try {
    for (const schedule of names) {
      if (performance.now() > until) return;
      if (!device.token || device.spent) await device.prepare();
      device.spent = false;
      const chosen = plan(schedule, new Random(seed, which, schedule), short);
      const result = { ...which, schedule, ...(await repeat(device, chosen, limits ?? (short ? SHORT_LIMITS : LIMITS))) };
      results.push(result);
      onResult(result);
    }
  } finally {
    await device.destroy();
  }
}
