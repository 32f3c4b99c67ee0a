// Package jsonapi owns the interface of the device as calls of text: a handle,
// the name of a method, arguments as JSON in, an answer as JSON out.
//
// It offers [Host], which holds the devices and watches that a program in
// another language has open. docs/bindings.md lists the methods.
//
// It refuses to let anything a caller sends, or a defect of its own, end the
// process that it is loaded into: malformed text, unknown methods, dead handles
// and panics are all answers.
package jsonapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/perennialauth/perennial/device/bindings"
)

// Host holds what is open. The zero Host is ready. Its methods are safe for
// concurrent use, and each returns one JSON object:
//
//	{"ok":true,"result":{…}}
//	{"ok":false,"error":{"kind":…,"message":…,…}}
type Host struct {
	mu      sync.Mutex
	last    int64
	open    map[int64]callee
	watches map[int64]*watch
}

// callee is what a handle stands for: a device, or a native module.
type callee interface {
	// call runs a method; limits are the method's own.
	call(name, args string) (any, error)
	// follow begins a watch over everything (topic "") or over one event.
	follow(topic string) (*watch, error)
	close() error
}

// answer is what every call returns.
type answer struct {
	OK     bool              `json:"ok"`
	Result any               `json:"result,omitempty"`
	Error  *bindings.Failure `json:"error,omitempty"`
}

// maxText bounds what a caller may send, in bytes.
const maxText = 1 << 20

// respond runs do and encodes what it returns. A result may come with an error:
// a sign-in can be complete and not stored yet.
func respond(do func() (any, error)) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = encode(answer{Error: &bindings.Failure{
				Kind: bindings.KindInternal, Message: "internal error in the library; the session is as it was",
			}})
		}
	}()
	result, err := do()
	return encode(answer{OK: err == nil, Result: result, Error: bindings.FailureOf(err)})
}

func encode(a answer) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a); err != nil {
		return `{"ok":false,"error":{"kind":"internal","message":"the answer does not encode"}}`
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))
}

// decode reads one JSON object and nothing else. Unknown names are refused: a
// misspelt option would otherwise be ignored in silence.
func decode(text string, into any) error {
	if len(text) > maxText {
		return usage("more than %d bytes of text", maxText)
	}
	if text == "" {
		text = "{}"
	}
	decoder := json.NewDecoder(bytes.NewBufferString(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return usage("%s", describe(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return usage("text after the end of the JSON object")
	}
	return nil
}

// describe names what is wrong without repeating values: they may be secret.
func describe(err error) string {
	var shape *json.UnmarshalTypeError
	if errors.As(err, &shape) {
		if shape.Field == "" {
			return "the text is not a JSON object"
		}
		return fmt.Sprintf("%q must be %s", shape.Field, named(shape.Type))
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the text is not a JSON object"
	}
	return err.Error()
}

// named says in the words of JSON what a value must be.
func named(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "a whole number"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

func usage(format string, args ...any) error {
	return bindings.Failure{Kind: bindings.KindUsage, Message: fmt.Sprintf(format, args...)}
}
