// Runs schedules on devices: each device goes through all of them, one after
// the other, and some devices at once.
import { Device } from './device.mjs';
import { Random } from './random.mjs';
import { LIMITS, repeat, SHORT_LIMITS } from './repetition.mjs';
import { plan, schedules } from './schedules.mjs';
import { World } from './world.mjs';

/** Returns one result for each repetition of each schedule. */
export async function run({ repetitions, seed, only = '', natives, generations, atOnce, short = false, onResult = () => {} }) {
  const world = await World.start();
  const results = [];
  try {
    const lanes = [];
    for (let number = 1; number <= repetitions; number++) {
      for (const generation of generations) {
        for (const native of natives) lanes.push({ generation, native, number });
      }
    }
    const names = Object.keys(schedules).filter(name => name.includes(only));
    const work = async () => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
        await through(world, lane, { names, seed, short, give: result => { results.push(result); onResult(result); } });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    await world.stop();
  }
  return results;
}

async function through(world, lane, { names, seed, short, give }) {
  const device = await Device.create({ world, ...lane });
  try {
    // In another order on each device, so that a busy moment of this machine
    // does not hit one schedule only.
    for (const schedule of new Random(seed, lane).shuffled(names)) {
      if (!device.token || device.spent) await device.prepare();
      device.spent = false;
      const chosen = plan(schedule, new Random(seed, lane, schedule), short);
      const result = await repeat(device, chosen, short ? SHORT_LIMITS : LIMITS);
      give({ ...lane, schedule, ...result });
    }
  } finally {
    await device.destroy();
  }
}
