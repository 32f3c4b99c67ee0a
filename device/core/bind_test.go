package core

import (
	"reflect"
	"strconv"
	"testing"
	"unsafe"
)

// TestEverySecretOfARecordFindsItsKey: a place for a credential that were
// forgotten when keys are put back would hold a token that is worth nothing.
func TestEverySecretOfARecordFindsItsKey(t *testing.T) {
	t.Parallel()
	var r Record
	places := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[Secret]():
			places++
			n := strconv.Itoa(places)
			*(*Secret)(unsafe.Pointer(v.UnsafeAddr())) = Bind(NewSecret("token-"+n), NewSecret("key-"+n))
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case v.Kind() == reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		}
	}
	fill(reflect.ValueOf(&r).Elem())
	r.Overdue = Secret{} // made of revocations that found no place
	r = r.withRevocation(Revocation{Credential: Bind(NewSecret("token-more"), NewSecret("key-more")), SessionID: "s"})
	for i := range r.Flows {
		r.Flows[i].State = "flow-" + strconv.Itoa(i)
	}
	if places < 6+3*MaxFlows+MaxRevocations {
		t.Fatalf("only %d places", places)
	}
	got, err := DecodeRecord(EncodeRecord(r, "t"), "t")
	if err != nil {
		t.Fatal(err)
	}
	if got != r {
		t.Errorf("read back:\n%s\nwas:\n%s", EncodeRecord(got, "t").Reveal(), EncodeRecord(r, "t").Reveal())
	}
}
