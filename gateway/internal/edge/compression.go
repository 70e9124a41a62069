package edge

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// Shorter answers would hardly become shorter.
const compressibleBytes = 1 << 10

// compressed compresses long answers for clients that want it. Those with an ETag stay as they are:
// it names the very bytes (RFC 9110, section 8.8.1).
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !takesGzip(r.Header.Values("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		answer := &compressing{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		answer.end()
	})
}

// takesGzip tells whether a client takes gzip (RFC 9110, section 12.5.3).
func takesGzip(accepted []string) bool {
	for _, coding := range strings.Split(strings.Join(accepted, ","), ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(parameter), "q="), 64)
		return err != nil || weight > 0
	}
	return false
}

// compressing decides with the first piece of a body, which is the whole one of all long answers.
type compressing struct {
	http.ResponseWriter
	status  int
	started bool
	body    *gzip.Writer
}

// WriteHeader implements http.ResponseWriter.
func (c *compressing) WriteHeader(status int) {
	c.status = status
}

// Write implements http.ResponseWriter.
func (c *compressing) Write(piece []byte) (int, error) {
	if !c.started {
		c.start(len(piece))
	}
	if c.body != nil {
		return c.body.Write(piece)
	}
	return c.ResponseWriter.Write(piece)
}

func (c *compressing) start(size int) {
	c.started = true
	header := c.Header()
	if size >= compressibleBytes && header.Get("ETag") == "" {
		header.Add("Vary", "Accept-Encoding")
		header.Set("Content-Encoding", "gzip")
		header.Del("Content-Length")
		c.body = gzip.NewWriter(c.ResponseWriter)
	}
	c.ResponseWriter.WriteHeader(c.status)
}

func (c *compressing) end() {
	if !c.started {
		c.ResponseWriter.WriteHeader(c.status)
	}
	if c.body != nil {
		// An error means that the client is gone.
		_ = c.body.Close()
	}
}

// Unwrap is for http.ResponseController.
func (c *compressing) Unwrap() http.ResponseWriter {
	return c.ResponseWriter
}
