#include "lib/base/sha256.hpp"

#include <algorithm>
#include <bit>

namespace diffusion {
namespace {

constexpr std::size_t block = 64;
using State = std::array<std::uint32_t, 8>;

/// Sec. 4.2.2: the first 32 bits of the fractional parts of the cube roots of the
/// first 64 primes.
constexpr std::uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t word_at(const char* bytes) {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | std::uint8_t(bytes[i]);
  return word;
}

/// Sec. 6.2.2.
void take_block(State& state, const char* bytes) {
  std::uint32_t w[64];
  for (int i = 0; i < 16; ++i) w[i] = word_at(bytes + 4 * i);
  for (int i = 16; i < 64; ++i) {
    const std::uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) + w[i - 7] +
           (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (int i = 0; i < 64; ++i) {
    const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                             ((e & f) ^ (~e & g)) + constants[i] + w[i];
    const std::uint32_t t2 =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const State after = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += after[i];
}

void take_blocks(State& state, const char* bytes, std::size_t blocks) {
  for (; blocks > 0; --blocks, bytes += block) take_block(state, bytes);
}

}  // namespace

void Sha256::add(std::string_view bytes) {
  bytes_ += bytes.size();
  if (!pending_.empty()) {
    const std::size_t more = std::min(block - pending_.size(), bytes.size());
    pending_ += bytes.substr(0, more);
    bytes.remove_prefix(more);
    if (pending_.size() < block) return;
    take_blocks(state_, pending_.data(), 1);
    pending_.clear();
  }
  take_blocks(state_, bytes.data(), bytes.size() / block);
  pending_ += bytes.substr(bytes.size() / block * block);
}

std::string Sha256::finish() {
  const std::uint64_t bits = 8 * bytes_;
  std::string end = "\x80";
  end.append((2 * block - 9 - pending_.size()) % block, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) end += char(bits >> shift & 0xff);
  add(end);
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  return text;
}

std::string sha256_of(const RandomAccessFile& file) {
  Sha256 hash;
  std::string piece;
  for (std::uint64_t at = 0; at < file.size(); at += piece.size()) {
    piece.resize(std::size_t(std::min<std::uint64_t>(1 << 20, file.size() - at)));
    file.read(at, piece.data(), piece.size());
    hash.add(piece);
  }
  return hash.finish();
}

}  // namespace diffusion
