;; The XXH64 of 64 KiB, with the seed 0: four lanes, so that no multiplication waits for the one before it.
;; Source: xxHash's specification, "XXH64 algorithm description".
(module
  (import "block" "memory" (memory 1))

  ;; Its low half, of the block that begins at $start.
  (func (export "checksum") (param $start i32) (result i32)
    (local $end i32)
    (local $first i64) (local $second i64) (local $third i64) (local $fourth i64)
    (local $hash i64)
    (local.set $end (i32.add (local.get $start) (i32.const 65536)))
    (local.set $first (i64.add (global.get $prime1) (global.get $prime2)))
    (local.set $second (global.get $prime2))
    (local.set $fourth (i64.sub (i64.const 0) (global.get $prime1)))
    (loop $stripe
      (local.set $first (call $round (local.get $first) (i64.load (local.get $start))))
      (local.set $second (call $round (local.get $second) (i64.load offset=8 (local.get $start))))
      (local.set $third (call $round (local.get $third) (i64.load offset=16 (local.get $start))))
      (local.set $fourth (call $round (local.get $fourth) (i64.load offset=24 (local.get $start))))
      (local.set $start (i32.add (local.get $start) (i32.const 32)))
      (br_if $stripe (i32.lt_u (local.get $start) (local.get $end))))
    (local.set $hash
      (i64.add
        (i64.add (i64.rotl (local.get $first) (i64.const 1)) (i64.rotl (local.get $second) (i64.const 7)))
        (i64.add (i64.rotl (local.get $third) (i64.const 12)) (i64.rotl (local.get $fourth) (i64.const 18)))))
    (local.set $hash (call $merge (local.get $hash) (local.get $first)))
    (local.set $hash (call $merge (local.get $hash) (local.get $second)))
    (local.set $hash (call $merge (local.get $hash) (local.get $third)))
    (local.set $hash (call $merge (local.get $hash) (local.get $fourth)))
    (local.set $hash (i64.add (local.get $hash) (i64.const 65536)))
    (local.set $hash (i64.mul (call $fold (local.get $hash) (i64.const 33)) (global.get $prime2)))
    (local.set $hash (i64.mul (call $fold (local.get $hash) (i64.const 29)) (global.get $prime3)))
    (i32.wrap_i64 (call $fold (local.get $hash) (i64.const 32))))

  (global $prime1 i64 (i64.const 0x9e3779b185ebca87))
  (global $prime2 i64 (i64.const 0xc2b2ae3d27d4eb4f))
  (global $prime3 i64 (i64.const 0x165667b19e3779f9))
  (global $prime4 i64 (i64.const 0x85ebca77c2b2ae63))

  (func $round (param $lane i64) (param $word i64) (result i64)
    (i64.mul
      (i64.rotl (i64.add (local.get $lane) (i64.mul (local.get $word) (global.get $prime2))) (i64.const 31))
      (global.get $prime1)))

  (func $merge (param $hash i64) (param $lane i64) (result i64)
    (i64.add
      (i64.mul
        (i64.xor (local.get $hash) (call $round (i64.const 0) (local.get $lane)))
        (global.get $prime1))
      (global.get $prime4)))

  (func $fold (param $hash i64) (param $bits i64) (result i64)
    (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (local.get $bits)))))
