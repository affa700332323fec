package main

import (
	"fmt"

	"google.golang.org/grpc/encoding"
)

// frame is one message, unread. The proxy never decodes: what it cannot understand it cannot change.
type frame struct{ bytes []byte }

type rawCodec struct{}

var _ encoding.Codec = rawCodec{}

// Name is that of the codec it stands in for, because it goes out in the content-type.
func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(message any) ([]byte, error) {
	one, ok := message.(*frame)
	if !ok {
		return nil, fmt.Errorf("cannot forward a %T", message)
	}
	return one.bytes, nil
}

func (rawCodec) Unmarshal(bytes []byte, message any) error {
	one, ok := message.(*frame)
	if !ok {
		return fmt.Errorf("cannot forward a %T", message)
	}
	// grpc may reuse its buffer, and a held frame outlives the call.
	one.bytes = append([]byte(nil), bytes...)
	return nil
}
