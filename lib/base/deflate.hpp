// The door of zlib: gzip files, members of zip archives, their check sums.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace diffusion {

/// Whether `bytes` begin as a gzip file does.
bool is_gzip(std::string_view bytes);

/// The contents of a gzip file (RFC 1952), members joined. More than `limit`
/// bytes, damaged or truncated data throw Error, opened by `culprit`.
std::string gunzip(std::string_view packed, std::size_t limit, const std::string& culprit);

/// At most `limit` bytes from the front of a gzip file's contents, whatever
/// follows them: enough to read a header.
std::string gunzip_front(std::string_view packed, std::size_t limit, const std::string& culprit);

/// A raw deflate stream (RFC 1951, as zip archives hold) of exactly `size`
/// bytes unpacked; anything else throws Error, before memory is taken for a
/// size that no stream of this length can have.
std::string inflate_raw(std::string_view packed, std::uint64_t size, const std::string& culprit);

/// The first `size` bytes of a zlib stream (RFC 1950); fewer, or damaged ones, throw Error,
/// opened by `culprit`, as does a size that no stream of this length can have.
std::string inflate_zlib(std::string_view packed, std::uint64_t size, const std::string& culprit);

/// At most `limit` bytes from the front of such a stream, of which `packed` is at least as much
/// as they take: enough to read a header.
std::string inflate_front(std::string_view packed, std::size_t limit, const std::string& culprit);

/// What is known of data that is to be packed.
enum class Packing {
  filtered,  // mostly small numbers
  huffman,   // nothing repeats: not searched for
};

/// A zlib stream (RFC 1950), at zlib's level 6.
std::string deflate_zlib(std::string_view bytes, Packing packing);

/// Check sum of gzip and zip; `before` is that of the bytes in front of these.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace diffusion
