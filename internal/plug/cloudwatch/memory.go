package cloudwatch

import (
	"sync"
	"time"

	"allclear/internal/domain/alert"
)

// remembered is how many messages and alarms are known at once.
const remembered = 4096

// memory knows the last messages that were taken. It is lost with the process:
// then a message sent again counts once more, as a repeat of the alert it made.
type memory struct {
	mu       sync.Mutex
	messages map[string]bool
	order    []string // of messages, oldest first
	alarms   map[string]time.Time
}

func (m *memory) message(scope, id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.messages[scope+"\n"+id]
}

// overtaken reports whether a newer ALARM was taken.
func (m *memory) overtaken(scope, key string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !at.IsZero() && at.Before(m.alarms[scope+"\n"+key])
}

// remember notes a message that is durable.
func (m *memory) remember(scope, id string, signals []alert.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.messages == nil {
		m.messages, m.alarms = map[string]bool{}, map[string]time.Time{}
	}
	if name := scope + "\n" + id; !m.messages[name] {
		if len(m.order) == remembered {
			delete(m.messages, m.order[0])
			m.order = m.order[1:]
		}
		m.messages[name], m.order = true, append(m.order, name)
	}
	for i := range signals {
		s := &signals[i]
		name := scope + "\n" + s.DedupKey
		if s.Action != alert.Trigger || !s.StartedAt.After(m.alarms[name]) {
			continue
		}
		if len(m.alarms) >= remembered {
			clear(m.alarms)
		}
		m.alarms[name] = s.StartedAt
	}
}
