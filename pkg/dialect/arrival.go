package dialect

import "time"

// Decode returns the events that one record means which is in no log, but was just handed
// to this program. Its Line is 0, and arrived is when it came. A d that was not used
// before does not know of records before this one: it leaves out what only they tell.
func Decode(d Decoder, record []byte, arrived time.Time) ([]byte, error) {
	r := Reader{decoder: d, arrived: arrived}
	if err := r.scanner.Scan(record); err != nil {
		return nil, err
	}
	return r.decode(nil, 0)
}
