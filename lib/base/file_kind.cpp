#include "lib/base/file_kind.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"

namespace diffusion {
namespace {

using namespace std::string_view_literals;

struct Signature {
  FileKind kind;
  std::string_view bytes;
};
constexpr Signature signatures[] = {
    {FileKind::packed_tar, "\xfd\x37zXZ\0"sv},
    {FileKind::packed_tar, "\x28\xb5\x2f\xfd"sv},
    {FileKind::npy, "\x93NUMPY"sv},
    {FileKind::zip, "PK\x03\x04"sv},
    {FileKind::zip, "PK\x05\x06"sv},  // of no members
    // The pickle of 0x1950a86a20f9469cfc6c.
    {FileKind::torch_stream, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv},
    {FileKind::png, "\x89PNG\r\n\x1a\n"sv},
    {FileKind::jpeg, "\xff\xd8\xff"sv},
    {FileKind::tiff, "II*\0"sv},
    {FileKind::tiff, "MM\0*"sv},
    {FileKind::tiff, "II+\0"sv},
    {FileKind::tiff, "MM\0+"sv},
    {FileKind::openexr, "\x76\x2f\x31\x01"sv},
    {FileKind::jpeg2000, "\0\0\0\x0cjP  \r\n\x87\n"sv},
    {FileKind::jpeg2000, "\xff\x4f\xff\x51\0"sv},
    {FileKind::jpeg_xl, "\0\0\0\x0cJXL \r\n\x87\n"sv},
    {FileKind::jpeg_xl, "\xff\x0a"sv},
};

/// Those that may also be the name of an archive's first member, or a text.
constexpr Signature printable_signatures[] = {
    {FileKind::packed_tar, "BZh"sv}, {FileKind::bmp, "BM"sv},     {FileKind::gif, "GIF8"sv},
    {FileKind::hdr, "#?RADIANCE"sv}, {FileKind::hdr, "#?RGBE"sv},
};

struct Name {
  FileKind kind;
  std::string_view text;
};
constexpr Name names[] = {
    {FileKind::tar, "a tar archive"},
    {FileKind::packed_tar, "a packed archive"},
    {FileKind::gzip, "a gzip file"},
    {FileKind::npy, "a .npy array"},
    {FileKind::zip, "a zip archive, as .npz and PyTorch's files are"},
    {FileKind::torch_stream, "a file of PyTorch"},
    {FileKind::safetensors, "a safetensors file"},
    {FileKind::idx, "an IDX array"},
    {FileKind::png, "a PNG picture"},
    {FileKind::jpeg, "a JPEG picture"},
    {FileKind::tiff, "a TIFF picture"},
    {FileKind::openexr, "an OpenEXR picture"},
    {FileKind::bmp, "a BMP picture"},
    {FileKind::gif, "a GIF picture"},
    {FileKind::webp, "a WebP picture"},
    {FileKind::pnm, "a PNM picture"},
    {FileKind::hdr, "a Radiance picture"},
    {FileKind::jpeg2000, "a JPEG 2000 picture"},
    {FileKind::jpeg_xl, "a JPEG XL picture"},
    {FileKind::avif, "an AVIF picture"},
    {FileKind::heic, "a HEIC picture"},
    {FileKind::pcx, "a PCX picture"},
    {FileKind::tga, "a TGA picture"},
    {FileKind::json_object, "JSON"},
    {FileKind::json_array, "JSON"},
    {FileKind::text, "text"},
};

FileKind matching(std::span<const Signature> table, std::string_view front) {
  const auto row = std::ranges::find_if(
      table, [&](const Signature& each) { return front.starts_with(each.bytes); });
  return row == table.end() ? FileKind::unknown : row->kind;
}

constexpr std::size_t tar_header = 512;

bool is_tar(std::string_view front) {
  constexpr std::size_t magic = 257;
  return front.size() >= tar_header && front.substr(magic, 5) == "ustar";
}

bool packs_tar(std::string_view gzip) {
  try {
    return is_tar(gunzip_front(gzip, tar_header, ""));
  } catch (const Error&) {
    return false;  // too little or damaged: who reads it will say so
  }
}

bool is_webp(std::string_view front) {
  return front.starts_with("RIFF") && front.substr(0, 12).ends_with("WEBP");
}

/// The brands of an ISO base media file (ISO/IEC 14496-12): the first, or one of those that it
/// is compatible with.
FileKind pictures_of_media(std::string_view front) {
  if (front.size() < 12 || front.substr(4, 4) != "ftyp") return FileKind::unknown;
  const std::size_t size = std::size_t(std::uint8_t(front[2])) << 8 | std::uint8_t(front[3]);
  const std::string_view brands = front.substr(0, std::min(front.size(), size));
  const auto has = [&](std::string_view brand) {
    for (std::size_t at = 8; at + 4 <= brands.size(); at += 4)
      if (brands.substr(at, 4) == brand) return true;
    return false;
  };
  if (has("avif") || has("avis")) return FileKind::avif;
  for (const auto brand : {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"})
    if (has(brand)) return FileKind::heic;
  return FileKind::unknown;
}

/// Its maker, a version, run lengths, bits: too few to be taken from a text.
bool is_pcx(std::string_view front) {
  return front.size() >= 4 && front[0] == 10 && "\0\2\3\4\5"sv.find(front[1]) != front.npos &&
         (front[2] == 0 || front[2] == 1) && "\1\2\4\x08"sv.find(front[3]) != front.npos;
}

bool is_pnm(std::string_view front) {
  return front.size() > 2 && front[0] == 'P' && "123456Ff"sv.find(front[1]) != front.npos &&
         " \t\r\n"sv.find(front[2]) != front.npos;
}

/// Two zeros, the code of a type, a number of axes.
bool is_idx(std::string_view front) {
  return front.size() >= 4 && front[0] == 0 && front[1] == 0 &&
         "\x08\x09\x0b\x0c\x0d\x0e"sv.find(front[2]) != front.npos && front[3] > 0;
}

/// The length of a header in eight bytes, the highest of them 0, and the header: JSON.
bool is_safetensors(std::string_view front) {
  return front.size() > 8 && front.substr(5, 3) == "\0\0\0"sv && front[8] == '{';
}

/// Of UTF-8 or an older encoding: neither control characters nor bytes that UTF-8 never has.
bool is_text(std::string_view front) {
  return std::ranges::all_of(front, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 ? std::string_view("\t\n\v\f\r\x1b").find(c) != std::string_view::npos
                       : byte != 0x7f && byte < 0xf8;
  });
}

FileKind kind_without_signature(std::string_view front) {
  if (front.find('\0') != front.npos) return FileKind::unknown;
  const auto first = front.find_first_not_of(" \t\r\n");
  if (first != front.npos && front[first] == '{') return FileKind::json_object;
  if (first != front.npos && front[first] == '[') return FileKind::json_array;
  return is_text(front) ? FileKind::text : FileKind::unknown;
}

}  // namespace

FileKind file_kind(std::string_view front) {
  if (front.empty()) return FileKind::empty;
  if (is_gzip(front)) return packs_tar(front) ? FileKind::packed_tar : FileKind::gzip;
  if (const auto kind = matching(signatures, front); kind != FileKind::unknown) return kind;
  if (is_tar(front)) return FileKind::tar;
  if (const auto kind = matching(printable_signatures, front); kind != FileKind::unknown)
    return kind;
  if (is_webp(front)) return FileKind::webp;
  if (is_pnm(front)) return FileKind::pnm;
  if (const auto kind = pictures_of_media(front); kind != FileKind::unknown) return kind;
  if (is_pcx(front)) return FileKind::pcx;
  // An array of IDX has no axis of 2 billion, as this one would.
  if (is_safetensors(front)) return FileKind::safetensors;
  if (is_idx(front)) return FileKind::idx;
  return kind_without_signature(front);
}

std::string_view name_of(FileKind kind) {
  const auto row = std::ranges::find(names, kind, &Name::kind);
  return row == std::end(names) ? "" : row->text;
}

void refuse_known_kind(FileKind kind, const std::string& culprit, const std::string& wanted) {
  if (const auto name = name_of(kind); !name.empty())
    throw Error(culprit + ": is " + std::string(name) + ", not " + wanted);
}

FileKind kind_of_file(const RandomAccessFile& file) {
  std::string front(std::size_t(std::min<std::uint64_t>(file.size(), tar_header)), '\0');
  file.read(0, front.data(), front.size());
  return file_kind(front);
}

}  // namespace diffusion
