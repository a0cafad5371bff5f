package otlpreceiver

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"auditctl/pkg/events"
)

// How fast a body must come: the first bytes soon, and then so many a second on average.
const (
	bodyPatience = 15 * time.Second
	slowest      = 32 << 10
)

// smallest is the least memory for a body.
const smallest = 4 << 10

// readBody reads the body of a request, decompressed. Its memory is taken from the budget
// of all requests, and is q's afterwards, also after an error. The deadline for reading is
// none afterwards, unless there is more to read.
func (r *Receiver) readBody(w http.ResponseWriter, req *http.Request, q *Request) error {
	control := http.NewResponseController(w)
	body := http.MaxBytesReader(w, req.Body, r.options.MaxRequest)
	src := io.Reader(&pacedReader{src: body, control: control, start: time.Now()})
	switch encoding := strings.ToLower(strings.TrimSpace(req.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		q.size = req.ContentLength
		if q.size > r.options.MaxRequest {
			return r.tooLarge()
		}
	case "gzip":
		unzipped, err := gzip.NewReader(bufio.NewReader(src))
		if err != nil {
			return r.readError(err)
		}
		src = unzipped
	default:
		return refusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Encoding %q: want gzip or none", encoding)}
	}
	for {
		if len(q.body) == cap(q.body) && !r.grow(q) {
			return refusal{http.StatusServiceUnavailable, "too many requests are held at once"}
		}
		n, err := src.Read(q.body[len(q.body):cap(q.body)])
		q.body = q.body[:len(q.body)+n]
		switch {
		case int64(len(q.body)) > r.options.MaxRequest:
			return r.tooLarge()
		case err == io.EOF:
			_ = control.SetReadDeadline(time.Time{})
			return nil
		case err != nil:
			return r.readError(err)
		}
	}
}

// grow makes room for more of a body, unless all bodies would be too large then.
func (r *Receiver) grow(q *Request) bool {
	most, times := r.options.MaxRequest, int64(2)
	if q.size >= 0 {
		most, times = q.size, 8 // but not all at once: it may never come
	}
	size := min(max(smallest, times*int64(cap(q.body))), most+1) // one byte more, to find the end
	if !r.budget.TryAcquire(size) {
		return false
	}
	body := make([]byte, len(q.body), size)
	copy(body, q.body)
	r.budget.Release(q.held)
	q.body, q.held = body, size
	return true
}

func (r *Receiver) tooLarge() error {
	return refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is larger than %d bytes", r.options.MaxRequest)}
}

// readError returns the answer to a body that cannot be read.
func (r *Receiver) readError(err error) error {
	var timeout interface{ Timeout() bool }
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return r.tooLarge()
	case errors.As(err, &timeout) && timeout.Timeout():
		return refusal{http.StatusServiceUnavailable, "the request comes too slowly"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refusal{http.StatusBadRequest, "the body is cut off"}
	}
	return refusal{http.StatusBadRequest, "the body: " + err.Error()}
}

// A pacedReader reads a body that must come fast enough.
type pacedReader struct {
	src     io.Reader
	control *http.ResponseController
	start   time.Time
	read    int64
}

func (r *pacedReader) Read(p []byte) (int, error) {
	// Of what is not a connection, as in tests, nothing is expected.
	_ = r.control.SetReadDeadline(r.start.Add(bodyPatience + time.Duration(r.read)*time.Second/slowest))
	n, err := r.src.Read(p)
	r.read += int64(n)
	return n, err
}

// check checks the body, and makes one line of JSON.
func (r *Receiver) check(q *Request) error {
	if !q.json {
		if err := check(request, q.body, 1, r.unknownField); err != nil {
			return refusal{http.StatusBadRequest, err.Error()}
		}
		return nil
	}
	q.body = oneLine(bytes.Trim(bytes.TrimPrefix(q.body, []byte("\ufeff")), " \t\r\n"))
	var s events.Scanner
	if err := s.Scan(q.body); err != nil {
		return refusal{http.StatusBadRequest, "the body is not an ExportLogsServiceRequest in JSON: " + err.Error()}
	}
	switch list := s.Lookup("resourceLogs"); {
	case list.Kind() == events.Array:
	case list == nil && !isEmpty(q.body), list.NonNull() != nil:
		return refusal{http.StatusBadRequest, "the body is not an ExportLogsServiceRequest in JSON: no list resourceLogs"}
	default:
		q.body = nil
	}
	return nil
}

func isEmpty(object []byte) bool { return len(bytes.Trim(object, " \t\r\n{}")) == 0 }

// oneLine replaces line feeds between the tokens of JSON by blanks, in place. Those within
// strings stay: they are not JSON.
func oneLine(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 {
		return text
	}
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case c == '\\' && inString:
			i++
		case c == '\n' && !inString:
			text[i] = ' '
		}
	}
	return text
}
