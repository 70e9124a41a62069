package coupons

import "google.golang.org/grpc"

// Connection is what the stubs of c call. Tests make streams of it that no service has.
func (c *Client) Connection() grpc.ClientConnInterface { return c.connection }
