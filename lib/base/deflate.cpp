#include "lib/base/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

constexpr int raw_window = -MAX_WBITS;
constexpr int zlib_window = MAX_WBITS;
constexpr int gzip_window = MAX_WBITS + 16;
constexpr std::uint64_t highest_ratio = 1032;  // of deflate: 258 bytes in two bits

/// An inflating z_stream over `packed`, fed piecewise: zlib counts in 32 bits.
class Inflater {
 public:
  Inflater(std::string_view packed, int window, const std::string& culprit)
      : packed_(packed), culprit_(culprit) {
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fills `out` as far as the stream goes; returns how much that was.
  std::size_t read(char* out, std::size_t size) {
    std::size_t got = 0;
    while (got < size && !ended_) {
      feed();
      const auto room = uInt(std::min<std::size_t>(size - got, piece));
      stream_.next_out = reinterpret_cast<Bytef*>(out + got);
      stream_.avail_out = room;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      got += room - stream_.avail_out;
      if (status == Z_STREAM_END)
        ended_ = true;
      else if (status == Z_BUF_ERROR || (status == Z_OK && exhausted() && stream_.avail_out > 0))
        throw Error(culprit_ + ": the compressed data is truncated");
      else if (status != Z_OK)
        throw Error(culprit_ + ": the compressed data is damaged (" +
                    (stream_.msg ? stream_.msg : "zlib error " + std::to_string(status)) + ")");
    }
    return got;
  }

  /// Begins the next gzip member, if there is one.
  bool next_member() {
    if (!ended_ || !is_gzip(packed_.substr(packed_.size() - left()))) return false;
    ended_ = false;
    return inflateReset(&stream_) == Z_OK;
  }

  bool ended() const { return ended_; }

 private:
  static constexpr std::size_t piece = std::numeric_limits<int>::max();

  std::size_t left() const { return packed_.size() - fed_ + stream_.avail_in; }
  bool exhausted() const { return left() == 0; }
  void feed() {
    if (stream_.avail_in > 0) return;
    const auto more = std::min(packed_.size() - fed_, piece);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data() + fed_));
    stream_.avail_in = uInt(more);
    fed_ += more;
  }

  std::string_view packed_;
  const std::string& culprit_;
  z_stream stream_{};
  std::size_t fed_ = 0;
  bool ended_ = false;
};

void check_ratio(std::string_view packed, std::uint64_t size, const std::string& culprit) {
  if (size / highest_ratio > packed.size())
    throw Error(culprit + ": " + std::to_string(packed.size()) +
                " compressed bytes can't hold the " + std::to_string(size) + " bytes claimed");
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gunzip_front(std::string_view packed, std::size_t limit, const std::string& culprit) {
  Inflater inflater(packed, gzip_window, culprit);
  std::string out(limit, '\0');
  std::size_t size = 0;
  do size += inflater.read(out.data() + size, limit - size);
  while (size < limit && inflater.next_member());
  out.resize(size);
  return out;
}

std::string inflate_front(std::string_view packed, std::size_t limit, const std::string& culprit) {
  Inflater inflater(packed, raw_window, culprit);
  std::string out(limit, '\0');
  out.resize(inflater.read(out.data(), limit));
  return out;
}

std::string gunzip(std::string_view packed, std::size_t limit, const std::string& culprit) {
  Inflater inflater(packed, gzip_window, culprit);
  std::string out;
  std::size_t size = 0;
  do {
    do {
      if (size == out.size())
        out.resize(std::max<std::size_t>(1 << 16, std::min(2 * size, limit) + 1));
      size += inflater.read(out.data() + size, out.size() - size);
      if (size > limit)
        throw Error(culprit + ": unpacks to more than the " + std::to_string(limit) +
                    " bytes it should hold");
    } while (!inflater.ended());
  } while (inflater.next_member());
  out.resize(size);
  return out;
}

std::string inflate_raw(std::string_view packed, std::uint64_t size, const std::string& culprit) {
  check_ratio(packed, size, culprit);
  Inflater inflater(packed, raw_window, culprit);
  std::string out(size, '\0');
  char extra;
  if (inflater.read(out.data(), size) != size || inflater.read(&extra, 1) != 0)
    throw Error(culprit + ": unpacks to another size than the " + std::to_string(size) +
                " bytes claimed");
  return out;
}

std::string inflate_zlib(std::string_view packed, std::uint64_t size, const std::string& culprit) {
  check_ratio(packed, size, culprit);
  Inflater inflater(packed, zlib_window, culprit);
  std::string out(size, '\0');
  if (inflater.read(out.data(), size) != size)
    throw Error(culprit + ": unpacks to fewer than the " + std::to_string(size) + " bytes claimed");
  return out;
}

std::string deflate_zlib(std::string_view bytes, Packing packing) {
  constexpr int level = 6, usual_memory = 8;
  z_stream stream = {};
  if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS, usual_memory,
                   packing == Packing::huffman ? Z_HUFFMAN_ONLY : Z_FILTERED) != Z_OK)
    throw std::bad_alloc();
  std::string out;
  std::array<char, 1 << 15> piece;
  int status = Z_OK;
  while (status == Z_OK) {
    const auto most = std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max());
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = uInt(most);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = uInt(piece.size());
    status = deflate(&stream, most == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(most - stream.avail_in);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  assert(status == Z_STREAM_END);
  return out;
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  return std::uint32_t(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace diffusion
