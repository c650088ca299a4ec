"""Writes shapes-idx3-ubyte: twelve grey images of 8 x 8 pixels, a bright box on black each."""
import pathlib
import struct

pixels = bytearray()
for i in range(12):
    for y in range(8):
        for x in range(8):
            inside = 1 + i % 3 <= x < 6 + i % 2 and 1 + i % 2 <= y < 7
            pixels.append(min(255, 40 + 17 * i) if inside else 0)
path = pathlib.Path(__file__).parent / "shapes-idx3-ubyte"
path.write_bytes(struct.pack(">IIII", 0x803, 12, 8, 8) + bytes(pixels))
