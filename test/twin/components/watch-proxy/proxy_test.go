package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// echo is a datastore that answers every message with itself, on any method.
func echo(t *testing.T, path string) {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		for {
			one := &frame{}
			if stream.RecvMsg(one) != nil {
				return nil
			}
			if err := stream.SendMsg(one); err != nil {
				return err
			}
		}
	}))
	go server.Serve(listener)
	t.Cleanup(server.Stop)
}

func through(t *testing.T, holdFile string) *grpc.ClientConn {
	t.Helper()
	dir := t.TempDir()
	datastore, front := filepath.Join(dir, "kine.sock:12379"), filepath.Join(dir, "kine-proxy.sock:12379")
	echo(t, datastore)
	go run("unix://"+front, "unix://"+datastore, holdFile, 1<<20)
	for range 100 {
		if _, err := os.Stat(front); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	conn, err := dial("unix://" + front)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func say(ctx context.Context, conn *grpc.ClientConn, method, word string) (string, error) {
	answer := &frame{}
	err := conn.Invoke(ctx, method, &frame{[]byte(word)}, answer)
	return string(answer.bytes), err
}

func TestHoldsOnlyWatches(t *testing.T) {
	holdFile := filepath.Join(t.TempDir(), "hold")
	conn := through(t, holdFile)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()

	watch, err := conn.NewStream(ctx, anyStream, watchMethod)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	go func() {
		for {
			one := &frame{}
			if watch.RecvMsg(one) != nil {
				return
			}
			got <- string(one.bytes)
		}
	}()
	send := func(word string) {
		if err := watch.SendMsg(&frame{[]byte(word)}); err != nil {
			t.Fatal(err)
		}
	}
	send("before")
	if word := <-got; word != "before" {
		t.Fatal(word)
	}

	if err := os.WriteFile(holdFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * gatePeriod)
	for i := range 3 {
		send(fmt.Sprint("held ", i))
	}
	if word, err := say(ctx, conn, "/etcdserverpb.KV/Range", "read"); err != nil || word != "read" {
		t.Fatal(word, err)
	}
	select {
	case word := <-got:
		t.Fatalf("%q came through a shut gate", word)
	case <-time.After(300 * time.Millisecond):
	}

	if err := os.Remove(holdFile); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if word := <-got; word != fmt.Sprint("held ", i) {
			t.Fatal("out of order:", word)
		}
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := newQueue(10)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := q.put(ctx, &frame{make([]byte, 50)}); err != nil {
		t.Fatal("one frame must always fit:", err)
	}
	if err := q.put(ctx, &frame{make([]byte, 1)}); err == nil {
		t.Fatal("a full queue took more")
	}
}
