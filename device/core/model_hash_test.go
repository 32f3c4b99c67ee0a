package core

import (
	"fmt"
	"math/bits"
	"reflect"
	"testing"
	"unsafe"
)

// A world is known by a hash of everything in it. The hash follows the type: a
// field that is added to the machine tomorrow is hashed tomorrow. What cannot be
// hashed by value, a pointer for example, stops the tests at once.

// hashPart says how the bytes at an offset are hashed: plainly, as a string or
// as a slice.
type hashPart struct {
	offset, size uintptr
	kind         reflect.Kind // Uint8 for plain bytes, String or Slice
	elem         []hashPart   // of a slice
	elemSize     uintptr
}

var worldParts = partsOf(nil, reflect.TypeFor[world](), 0)

// partsOf appends the parts of a value of type t at offset. Padding belongs to
// none of them.
func partsOf(parts []hashPart, t reflect.Type, offset uintptr) []hashPart {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			parts = partsOf(parts, t.Field(i).Type, offset+t.Field(i).Offset)
		}
		return parts
	case reflect.Array:
		for i := range t.Len() {
			parts = partsOf(parts, t.Elem(), offset+uintptr(i)*t.Elem().Size())
		}
		return parts
	case reflect.Slice:
		return append(parts, hashPart{
			offset: offset, kind: reflect.Slice,
			elem: partsOf(nil, t.Elem(), 0), elemSize: t.Elem().Size(),
		})
	case reflect.String:
		return append(parts, hashPart{offset: offset, kind: reflect.String})
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := len(parts); n > 0 && parts[n-1].kind == reflect.Uint8 && parts[n-1].offset+parts[n-1].size == offset {
			parts[n-1].size += t.Size()
			return parts
		}
		return append(parts, hashPart{offset: offset, size: t.Size(), kind: reflect.Uint8})
	default:
		panic(fmt.Sprintf("model: a %s cannot be part of a state", t))
	}
}

func (w *world) hash() uint64 {
	h := hashParts(0x243f6a8885a308d3, unsafe.Pointer(w), worldParts)
	return max(h, 1) // 0 marks a free place
}

// hashParts mixes what is not zero together with the place it stands at.
func hashParts(h uint64, at unsafe.Pointer, parts []hashPart) uint64 {
	for i := range parts {
		p := &parts[i]
		from := unsafe.Add(at, p.offset)
		place := uint64(i+1) << 32
		switch p.kind {
		case reflect.String:
			if text := *(*string)(from); text != "" {
				h = mix(h, place+uint64(len(text)))
				h = hashBytes(h, unsafe.Pointer(unsafe.StringData(text)), uintptr(len(text)), place)
			}
		case reflect.Slice:
			list := *(*[]byte)(from) // the length counts elements
			for j := range len(list) {
				h = mix(h, place+uint64(j)+1)
				h = hashParts(h, unsafe.Add(unsafe.Pointer(unsafe.SliceData(list)), uintptr(j)*p.elemSize), p.elem)
			}
		default:
			h = hashBytes(h, from, p.size, place)
		}
	}
	return h
}

func hashBytes(h uint64, at unsafe.Pointer, size uintptr, place uint64) uint64 {
	done := uintptr(0) // no pointer is made past the end, which need not be ours
	for ; size >= 8; size -= 8 {
		if word := *(*uint64)(unsafe.Add(at, done)); word != 0 {
			h = mix(mix(h, place+uint64(size)), word)
		}
		done += 8
	}
	var rest uint64
	for i := range size {
		rest |= uint64(*(*byte)(unsafe.Add(at, done+i))) << (8 * i)
	}
	if rest != 0 {
		h = mix(mix(h, place+uint64(size)), rest)
	}
	return h
}

func mix(h, word uint64) uint64 {
	high, low := bits.Mul64(h^word^0x13198a2e03707344, 0x9e3779b97f4a7c15)
	return high ^ low
}

// TestModelHashSeesEveryField: two worlds that differ in any single value are
// two states. A field that the hash overlooked would cut the model down
// silently.
func TestModelHashSeesEveryField(t *testing.T) {
	t.Parallel()
	w := &world{}
	w.state.waiters = []waiter{{call: 1, want: wantToken}, {call: 2}}
	seen := map[uint64]string{w.hash(): "nothing"}
	changed := 0
	var change func(v reflect.Value, path string)
	change = func(v reflect.Value, path string) {
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // also what is not exported
		before := reflect.New(v.Type()).Elem()
		before.Set(v)
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				change(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
			return
		case reflect.Array, reflect.Slice:
			for i := range v.Len() {
				change(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
			return
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			v.SetInt(v.Int() + 1)
		default:
			v.SetUint(v.Uint() + 1)
		}
		hash := w.hash()
		if other, known := seen[hash]; known {
			t.Errorf("a change of %s goes unseen (as %s)", path, other)
		}
		seen[hash] = path
		changed++
		v.Set(before)
	}
	change(reflect.ValueOf(w).Elem(), "world")
	if changed < 400 {
		t.Errorf("only %d values of a world were changed", changed)
	}
}
