#include "lib/base/file_kind.hpp"

#include "lib/base/archive.hpp"
#include "lib/base/deflate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;

namespace {

const std::string data = TEST_DATA_DIR "/";

std::string archive(const std::string& first_member) {
  const test::Scratch scratch;
  TarWriter writer(scratch / "a.tar");
  writer.add(first_member, "contents");
  writer.commit();
  return read_file(scratch / "a.tar");
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += char(value >> 8 * i);
  return text;
}

/// A gzip file with `contents` as they are, in one stored block.
std::string gzipped(const std::string& contents) {
  const auto size = std::uint32_t(contents.size());
  return "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01"s + little_endian(size, 2) + little_endian(~size, 2) +
         contents + little_endian(crc32(contents), 4) + little_endian(size, 4);
}

std::string safetensors(const std::string& header) {
  return little_endian(std::uint32_t(header.size()), 8 - 4) + "\0\0\0\0"s + header;
}

FileKind of_data(const std::string& file) { return file_kind(read_file(data + file)); }

const std::string digits =
    "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"
    "12345678"s;

}  // namespace

TEST_CASE("every kind of file is told by its first bytes", "[file_kind]") {
  CHECK(of_data("image/rgb.png") == FileKind::png);
  CHECK(of_data("image/rgb.jpg") == FileKind::jpeg);
  CHECK(of_data("image/float.tif") == FileKind::tiff);
  CHECK(of_data("image/rgb.bmp") == FileKind::bmp);
  CHECK(of_data("image/palette.gif") == FileKind::gif);
  CHECK(of_data("image/rgb.webp") == FileKind::webp);
  CHECK(of_data("image/rgb.ppm") == FileKind::pnm);
  CHECK(of_data("npy/f4-big.npy") == FileKind::npy);
  CHECK(of_data("npy/deflated.npz") == FileKind::zip);
  CHECK(of_data("torch/zip.pth") == FileKind::zip);
  CHECK(of_data("torch/stream.pth") == FileKind::torch_stream);
  CHECK(of_data("safetensors/reference.safetensors") == FileKind::safetensors);
  CHECK(of_data("fid/README.md") == FileKind::text);
  CHECK(of_data("schedule/diffusers_configs.json") == FileKind::json_object);
  CHECK(file_kind("MM\0*"s) == FileKind::tiff);
  CHECK(file_kind("MM\0+"s) == FileKind::tiff);
  CHECK(file_kind("\x76\x2f\x31\x01\x02"s) == FileKind::openexr);
  CHECK(file_kind("#?RADIANCE\n") == FileKind::hdr);
  CHECK(file_kind("#?RGBE\n") == FileKind::hdr);
  CHECK(file_kind("PK\x05\x06"s + std::string(18, '\0')) == FileKind::zip);
  CHECK(file_kind(safetensors(R"({"w":{}})")) == FileKind::safetensors);
  CHECK(file_kind(digits) == FileKind::idx);
  CHECK(file_kind("BZh91AY") == FileKind::packed_tar);
  CHECK(file_kind("\xfd\x37zXZ\0more"s) == FileKind::packed_tar);
  CHECK(file_kind("\x28\xb5\x2f\xfd more") == FileKind::packed_tar);
  CHECK(file_kind(" \n\t{\"a\": 1}") == FileKind::json_object);
  CHECK(file_kind("\r\n[1, 2]") == FileKind::json_array);
  CHECK(file_kind("0.1\n0.2\n") == FileKind::text);
}

TEST_CASE("an archive is one whatever its first member is called", "[file_kind]") {
  for (const char* name : {"a.png", "BM.png", "GIF8.gif", "P5 x.pgm", "BZh", "{}.json", "PK"}) {
    CAPTURE(name);
    CHECK(file_kind(archive(name)) == FileKind::tar);
    CHECK(file_kind(archive(name).substr(0, 512)) == FileKind::tar);
  }
}

TEST_CASE("what gzip packed is looked into", "[file_kind]") {
  CHECK(file_kind(gzipped(archive("a.png"))) == FileKind::packed_tar);
  CHECK(file_kind(gzipped(digits)) == FileKind::gzip);
  CHECK(file_kind(gzipped("")) == FileKind::gzip);
  CHECK(file_kind(gzipped(archive("a.png")).substr(0, 100)) == FileKind::gzip);  // who can tell?
  CHECK(file_kind("\x1f\x8b") == FileKind::gzip);
}

TEST_CASE("files that end early are told as far as they go", "[file_kind]") {
  CHECK(file_kind("") == FileKind::empty);
  CHECK(file_kind(" \n") == FileKind::text);
  CHECK(file_kind("\x93NUM") == FileKind::text);  // nobody's signature, and it may be Latin-1
  CHECK(file_kind("PK\x03"s) == FileKind::unknown);
  CHECK(file_kind("\xff\xfe{}"s) == FileKind::unknown);
  CHECK(file_kind("{\x03"s) == FileKind::json_object);
  CHECK(file_kind("\x89PNG\r\n"s) == FileKind::text);
  CHECK(file_kind("\0\0\x08"s) == FileKind::unknown);
  CHECK(file_kind(safetensors("{").substr(0, 8)) == FileKind::unknown);
  CHECK(file_kind(archive("a.png").substr(0, 511)) == FileKind::unknown);
  CHECK(file_kind("RIFF\x10\0\0\0WEB"s) == FileKind::unknown);
  CHECK(file_kind("RIFF\x10\0\0\0WEBP"s) == FileKind::webp);
  CHECK(file_kind("P5") == FileKind::text);
}

TEST_CASE("kinds that look alike keep apart", "[file_kind]") {
  CHECK(file_kind("P5x") == FileKind::text);
  CHECK(file_kind("PNG\0"s) == FileKind::unknown);
  CHECK(file_kind("\0\0\x07\x03 no type"s) == FileKind::unknown);
  CHECK(file_kind("\0\0\x08\0 no axes"s) == FileKind::unknown);
  CHECK(file_kind("12345678{ text"s) == FileKind::text);
  // A header of 0x03080000 bytes: also two zeros, a type and axes.
  CHECK(file_kind("\0\0\x08\x03\0\0\0\0{"s) == FileKind::safetensors);
}

TEST_CASE("a file of another kind is called what it is, where that is known", "[file_kind]") {
  const auto refuse = [](FileKind kind) { refuse_known_kind(kind, "a.x", "a model"); };
  CHECK_THROWS_WITH(refuse(FileKind::png), "a.x: is a PNG picture, not a model");
  CHECK_THROWS_WITH(refuse(FileKind::npy), "a.x: is a .npy array, not a model");
  CHECK_THROWS_WITH(refuse(FileKind::json_array), "a.x: is JSON, not a model");
  CHECK_NOTHROW(refuse(FileKind::unknown));
  CHECK_NOTHROW(refuse(FileKind::empty));
  for (int kind = int(FileKind::tar); kind < int(FileKind::unknown); ++kind)
    CHECK(!name_of(FileKind(kind)).empty());
}

TEST_CASE("a file on disk is told by as much of it as there is", "[file_kind]") {
  CHECK(kind_of_file(RandomAccessFile(data + "image/rgb.png")) == FileKind::png);
  CHECK(kind_of_file(RandomAccessFile("", "nothing")) == FileKind::empty);
  CHECK(kind_of_file(RandomAccessFile(archive("BM"), "a.tar")) == FileKind::tar);
}
