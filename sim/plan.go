package sim

// Plan makes up a list of commands: launches above all, and everything that can
// go wrong in between.
func Plan(seed Dice, length int) []Command {
	s := &stream{dice: seed, about: askPlan}
	devices := 1 + s.below(2)
	list := make([]Command, 0, length+2*devices)
	for d := range devices {
		list = append(list,
			Command{Op: OpLaunch, Device: d, Process: 1},
			Command{Pause: 50, Op: OpSignIn, Device: d, Process: 1})
	}
	for whole := cap(list); len(list) < whole; {
		c := planned(s, devices)
		c.Pause = pause(s)
		list = append(list, c)
		list = append(list, rest(s, c)...)
	}
	return list
}

// rest is what a person does after a first step, mostly and if nothing comes in
// between.
func rest(s *stream, c Command) []Command {
	following := map[Op][]Op{OpSendCode: {OpEnterCode}, OpSignUp: {OpEnterCode}, OpReset: {OpEnterCode, OpPassword}}[c.Op]
	if c.Op == OpSignIn && c.N == careful {
		following = []Op{OpSecond}
	}
	if len(following) == 0 || s.below(3) == 0 {
		return nil
	}
	var list []Command
	for _, op := range following {
		list = append(list, Command{Pause: int64(200 + s.below(2_000)), Op: op, Device: c.Device, Process: c.Process})
	}
	return list
}

func pause(s *stream) int64 {
	switch n := s.below(20); {
	case n < 7:
		return int64(s.below(40))
	case n < 13:
		return int64(s.below(1_000))
	case n < 18:
		return int64(s.below(20_000))
	case n < 19:
		return int64(s.below(120_000))
	default:
		return int64(s.below(1_200_000))
	}
}

func planned(s *stream, devices int) Command {
	faults, disks := NetFaults(), DiskFaults()
	c := Command{Device: s.below(devices), Process: 1}
	if s.below(3) == 0 {
		c.Process = 1 + s.below(maxProcesses)
	}
	switch n := s.below(100); {
	case n < 48:
		c.Op = OpLaunch // what was there is killed
	case n < 51:
		c.Op = OpKill
	case n < 54:
		c.Op, c.N = OpKillAfter, int64(s.below(12))
	case n < 60:
		c.Op, c.N = wayIn(s)
	case n < 61:
		c.Op, c.N = wayOn(s)
	case n < 62:
		c.Op = OpAdopt
		if s.below(4) > 0 {
			c.Op, c.N = wayOn(s)
		}
	case n < 65:
		c.Op = OpSignOut
	case n < 69:
		c.Op = OpToken
	case n < 71:
		c.Op = OpFreshToken
	case n < 74:
		c.Op = OpNudge
	case n < 80:
		c.Op, c.Process, c.Arg, c.N = OpDisk, 0, disks[s.below(len(disks))], int64(s.below(12_000))
	case n < 82:
		c.Op, c.Process, c.N = OpPowerCut, 0, int64(s.below(1_000))
	case n < 92:
		c.Op, c.Process, c.Arg, c.N = OpNet, 0, faults[s.below(len(faults))], int64(1+s.below(3))
	case n < 94:
		c = Command{Op: OpClock, Device: c.Device}
		setTo(s, &c)
	case n < 95:
		c.Op, c.Process, c.N = OpSwitchKey, 0, int64(s.below(tenants))
	case n < 96:
		c = Command{Op: OpDown, N: int64(s.below(30_000))}
	case n < 97:
		c = Command{Op: OpTrouble, N: int64(s.below(15_000))}
	case n < 98:
		c = Command{Op: []Op{OpCrash, OpCrash, OpBackup, OpBackup, OpRestore, OpLag}[s.below(6)]}
		if c.Op == OpLag {
			c.N = int64(s.below(60_000))
		}
	default:
		c.Op, c.Process = []Op{OpRevoke, OpRevoke, OpRevoke, OpRevoke, OpDelete, OpTask, OpTask, OpTask}[s.below(8)], 0
	}
	return c
}

// wayIn begins to sign in or up, in one of all ways.
func wayIn(s *stream) (Op, int64) {
	switch s.below(8) {
	case 0:
		return OpSendCode, int64(s.below(2))
	case 1:
		return OpSignUp, int64(s.below(4))
	case 2:
		return OpReset, int64(s.below(2))
	case 3:
		return OpSignIn, careful
	default:
		return OpSignIn, int64(s.below(2))
	}
}

// wayOn is a next step, whether or not something was begun that it belongs to.
func wayOn(s *stream) (Op, int64) {
	switch s.below(8) {
	case 0:
		return OpAbandon, 0
	case 1, 2:
		return OpSecond, 0
	case 3, 4:
		return OpPassword, int64(s.below(2))
	default:
		return OpEnterCode, 0
	}
}

// setTo sets a wall clock: by days, or to where clocks are when a battery was
// empty or somebody made a slip.
func setTo(s *stream, c *Command) {
	const day = 86_400_000
	switch s.below(4) {
	case 0:
		c.Arg = []string{clock1970, clock2100}[s.below(2)]
	default:
		c.N = int64(s.below(2_000)-1_000) * day
	}
}
