package sim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/sim"
)

// The same seed gives the same run, to the byte.
func TestSameSeedSameTranscript(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]sim.Config{"core alone": {}, "whole": whole(t)} {
		for seed := range 20 {
			config.Seed, config.Record = sim.Dice(1000+seed), true
			plan := sim.Plan(config.Seed, planLength)
			first, again := mustRun(t, config, plan), mustRun(t, config, plan)
			if diff := cmp.Diff(first.Transcript, again.Transcript); diff != "" {
				t.Fatalf("%s, seed %d: mismatch (-first +again):\n%s", name, config.Seed, diff)
			}
			if first.Stats != again.Stats || first.Stats.Launches == 0 {
				t.Errorf("%s, seed %d: %+v and then %+v", name, config.Seed, first.Stats, again.Stats)
			}
		}
	}
}

// Every fault and command survives being written down and read.
func TestCommandsReadBack(t *testing.T) {
	t.Parallel()
	for seed := range 200 {
		plan := sim.Plan(sim.Dice(seed), planLength)
		back, err := sim.ParseCommands(text(plan))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text(plan), text(back)); diff != "" {
			t.Fatalf("seed %d: mismatch (-want +got):\n%s", seed, diff)
		}
		if config := (sim.Config{Seed: sim.Dice(seed)}); mustRun(t, config, plan).Stats != mustRun(t, config, back).Stats {
			t.Fatalf("seed %d: what was read back runs differently", seed)
		}
	}
}

func TestCommandsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"a1", "server", "z1 launch", "a9 launch", "a1 lunch", "a disk melted 3s", "a net 418 2", "wait long", "a destroy", "a1 expect",
		"a1 launch twice", "ax launch", "server of z revoke", " \x00 ",
	} {
		if list, err := sim.ParseCommands(line); err == nil {
			t.Errorf("%q is taken for %v", line, list)
		}
	}
}

func TestShrink(t *testing.T) {
	t.Parallel()
	plan := sim.Plan(5, 100)
	// It takes the third and the seventieth command to fail.
	third, late := plan[3], plan[70]
	has := func(list []sim.Command, c sim.Command) bool {
		for _, other := range list {
			if other == c {
				return true
			}
		}
		return false
	}
	short := sim.Shrink(plan, 2_000, func(list []sim.Command) bool { return has(list, third) && has(list, late) })
	if len(short) != 2 {
		t.Errorf("shrunken to %d commands:\n%s", len(short), text(short))
	}
	if got := sim.Shrink(plan, 2_000, func([]sim.Command) bool { return true }); len(got) != 0 {
		t.Errorf("what always fails is shrunken to %d commands", len(got))
	}
}

// Everything that can be asked for is done now and then, in the usual number of
// runs: a plan whose sign-ups never end would test none.
func TestEverythingIsPlayed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config sim.Config
		seeds  int
	}{"core alone": {sim.Config{}, 200}, "whole": {whole(t), 60}} {
		var total sim.Stats
		for seed := range c.seeds {
			c.config.Seed = sim.Dice(5000 + seed)
			total.Add(mustRun(t, c.config, sim.Plan(c.config.Seed, planLength)).Stats)
		}
		for what, n := range map[string]int{
			"sign-in": total.SignIns, "code": total.Codes, "second factor": total.Seconds, "new password": total.Passwords,
			"adoption": total.Adoptions, "sign-out": total.SignOuts, "token": total.Tokens, "task": total.Pending, "backup": total.Restores,
		} {
			if n == 0 {
				t.Errorf("%s: no %s in %d runs", name, what, c.seeds)
			}
		}
		if name == "whole" && (total.Bound == 0 || total.Rotations == 0) {
			t.Errorf("%d bound credentials and %d rotations in %d runs", total.Bound, total.Rotations, c.seeds)
		}
		t.Logf("%s: %+v", name, total)
	}
}
