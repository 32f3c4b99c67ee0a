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
	for len(list) < cap(list) {
		c := planned(s, devices)
		c.Pause = pause(s)
		list = append(list, c)
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
	case n < 50:
		c.Op = OpLaunch // what was there is killed
	case n < 53:
		c.Op = OpKill
	case n < 56:
		c.Op, c.N = OpKillAfter, int64(s.below(12))
	case n < 59:
		c.Op, c.N = OpSignIn, int64(s.below(2))
	case n < 60:
		c.Op, c.N = OpSendCode, int64(s.below(2))
	case n < 61:
		c.Op = OpEnterCode
	case n < 62:
		c.Op = OpAdopt
		if s.below(4) > 0 {
			c.Op = OpEnterCode
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
		const day = 86_400_000
		c.Op, c.Process, c.N = OpClock, 0, int64(s.below(2_000)-1_000)*day
	case n < 95:
		c.Op, c.Process, c.N = OpSwitchKey, 0, int64(s.below(tenants))
	case n < 96:
		c = Command{Op: OpDown, N: int64(s.below(30_000))}
	case n < 97:
		c = Command{Op: OpTrouble, N: int64(s.below(15_000))}
	case n < 98:
		c = Command{Op: OpCrash}
	case n < 99:
		c.Op, c.Process = OpRevoke, 0
	default:
		if s.below(3) == 0 {
			c.Op, c.Process = OpDelete, 0
		} else {
			c.Op, c.Process = OpRevoke, 0
		}
	}
	return c
}
