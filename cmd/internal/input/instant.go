package input

import "time"

// An instant is a point in time that is cheaper to compare than a [time.Time]. The zero
// instant is none, and before all others.
type instant struct{ sec, nsec int64 } // since the year 1

var none = time.Time{}.Unix()

func instantOf(t time.Time) instant { return instant{t.Unix() - none, int64(t.Nanosecond())} }

func (t instant) before(u instant) bool {
	return t.sec < u.sec || t.sec == u.sec && t.nsec < u.nsec
}

// minus returns the instant that is so long before t.
func (t instant) minus(d time.Duration) instant {
	t.sec -= int64(d / time.Second)
	if t.nsec -= int64(d % time.Second); t.nsec < 0 {
		t.sec, t.nsec = t.sec-1, t.nsec+int64(time.Second)
	}
	return t
}

// sub returns how long after u t is.
func (t instant) sub(u instant) time.Duration {
	return time.Unix(t.sec, t.nsec).Sub(time.Unix(u.sec, u.nsec))
}
