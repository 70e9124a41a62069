package serving

import (
	"net"
	"sync"
)

// limitListener accepts at most so many connections at a time; others wait in the system's queue.
//
// Unlike those of netutil, its connections can be closed for writing alone, which net/http does
// after an answer to a request that it has not read, so that the answer arrives.
type limitListener struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	close  func() error
}

func newLimitListener(listener net.Listener, most int) *limitListener {
	closed := make(chan struct{})
	return &limitListener{
		Listener: listener,
		places:   make(chan struct{}, most),
		closed:   closed,
		close: sync.OnceValue(func() error {
			close(closed)
			return listener.Close()
		}),
	}
}

// Accept waits for a place, and then for a connection.
func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	leave := sync.OnceFunc(func() { <-l.places })
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &limitedConn{TCPConn: tcp, leave: leave}, nil
	}
	leave()
	return conn, nil
}

// Close ends waiting, too.
func (l *limitListener) Close() error { return l.close() }

type limitedConn struct {
	*net.TCPConn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.TCPConn.Close()
}
