package auth

import (
	"slices"
	"strings"
	"time"
)

// Task is something a user has to do before a session becomes active.
type Task string

// Tasks by their published names, in the order in which they are to be done.
const (
	TaskResetPassword      Task = "reset-password"
	TaskSetupMFA           Task = "setup-mfa"
	TaskChooseOrganization Task = "choose-organization"
)

var taskOrder = []Task{TaskResetPassword, TaskSetupMFA, TaskChooseOrganization}

// Tasks are open tasks in their order, joined by commas; empty for none. A
// text, so that sessions stay comparable.
type Tasks string

// List returns the tasks one by one, nil for none.
func (t Tasks) List() []Task {
	if t == "" {
		return nil
	}
	var out []Task
	for name := range strings.SplitSeq(string(t), ",") {
		out = append(out, Task(name))
	}
	return out
}

// Has says whether a task is open.
func (t Tasks) Has(task Task) bool { return slices.Contains(t.List(), task) }

// Set returns the tasks with this one open or done.
func (t Tasks) Set(task Task, isOpen bool) Tasks {
	var out []string
	for _, known := range taskOrder {
		if (known == task && isOpen) || (known != task && t.Has(known)) {
			out = append(out, string(known))
		}
	}
	return Tasks(strings.Join(out, ","))
}

// SetTask returns the session with a task open or done at now. A live session
// is pending while any is open and active otherwise.
func (s Session) SetTask(task Task, isOpen bool, now time.Time) Session {
	tasks := s.Tasks.Set(task, isOpen)
	if tasks == s.Tasks || !s.SignedIn(now) {
		return s
	}
	s.Tasks, s.UpdatedAt, s.Status = tasks, now, SessionActive
	if tasks != "" {
		s.Status = SessionPending
	}
	return s
}

// tasksOf are the tasks that a new session of the user begins with, as far as
// the user alone decides them.
func (s Settings) tasksOf(u User) Tasks {
	return Tasks("").
		Set(TaskResetPassword, u.NewPasswordDue).
		Set(TaskSetupMFA, s.SecondFactors.Required && !u.TwoFactorEnabled())
}
