#include "lib/tensor/formats/safetensors.hpp"

#include <unistd.h>
#include <cmath>

#include <cstring>
#include <filesystem>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

const std::string reference = TEST_DATA_DIR "/safetensors/reference.safetensors";

std::vector<float> numbers(const SafetensorsFile& file, const std::string& name) {
  const SafetensorsEntry* entry = file.find(name);
  REQUIRE(entry);
  std::vector<float> values(entry->count());
  file.read(*entry, values);
  return values;
}

std::string with_length(const std::string& header, std::uint64_t length) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header;
}

/// What is said about a file of `header` and `data` bytes of data; "" if it is sound.
std::string verdict(const std::string& bytes) {
  const test::Scratch scratch;
  const std::string path = scratch.write("malformed.safetensors", bytes);
  std::string message;
  try {
    const SafetensorsFile file(path);
  } catch (const Error& e) {
    message = e.what();
    CHECK(message.starts_with(path + ": "));
    CHECK(message.find('\n') == message.npos);
    message.erase(0, path.size() + 2);
  }
  return message;
}

std::string verdict(const std::string& header, std::size_t data) {
  return verdict(with_length(header, header.size()) + std::string(data, 'x'));
}

std::string f32(const std::string& name, const std::string& shape, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}";
}

}  // namespace

TEST_CASE("safetensors reads what the reference library wrote", "[safetensors]") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const SafetensorsFile file(reference);
  CHECK(file.metadata() == SafetensorsMetadata{{"made by", "torch"}});
  CHECK(file.entries().size() == 13);
  CHECK(file.find("weight")->shape == std::vector<std::size_t>{2, 3});
  CHECK(file.find("scalar")->shape.empty());
  CHECK(file.find("nothing") == nullptr);
  CHECK(numbers(file, "weight") == std::vector<float>{-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f});
  CHECK(numbers(file, "double") == std::vector<float>{3.14159265f, 0});
  CHECK(numbers(file, "long") == std::vector<float>{-0x1p40f, 7});
  CHECK(numbers(file, "int") == std::vector<float>{-0x1p30f, 7});
  CHECK(numbers(file, "short") == std::vector<float>{-32768, 7});
  CHECK(numbers(file, "bytes") == std::vector<float>{0, 255, 1, 2});
  CHECK(numbers(file, "signed bytes") == std::vector<float>{-128, 127});
  CHECK(numbers(file, "truth") == std::vector<float>{1, 0, 1});
  CHECK(numbers(file, "half") ==
        std::vector<float>{1.5f, -65504, 0x1p-24f, 0x1.ff8p-15f, inf, -0.0f});
  CHECK(numbers(file, "brain") == std::vector<float>{1.5f, -0x1.c4p127f, 0x1p-133f, -inf});
  CHECK(numbers(file, "scalar") == std::vector<float>{2.5f});
  CHECK(numbers(file, "empty").empty());
  CHECK(numbers(file, "größe") == std::vector<float>{1});
}

TEST_CASE("safetensors writes the bytes of the reference library", "[safetensors]") {
  const SafetensorsFile file(reference);
  std::vector<std::string> data;
  for (const SafetensorsEntry& entry : file.entries()) data.push_back(file.read_bytes(entry));
  std::vector<SafetensorsArray> arrays;
  for (std::size_t i = data.size(); i-- > 0;) {
    const SafetensorsEntry& entry = file.entries()[i];
    arrays.push_back({entry.name, entry.type, entry.shape, std::as_bytes(std::span(data[i]))});
  }
  const test::Scratch scratch;
  const std::string copy = scratch / "copy.safetensors";
  write_safetensors(copy, arrays, file.metadata());
  CHECK(read_file(copy) == read_file(reference));
}

TEST_CASE("safetensors keeps awkward names and metadata", "[safetensors]") {
  const test::Scratch scratch;
  const std::string path = scratch / "names.safetensors";
  const std::vector<float> values = {1, 2};
  const SafetensorsMetadata metadata = {{"config", R"({"a": "\"b\"\n"})"}, {"", "empty key"}};
  write_safetensors(path, {safetensors_array("a\"b\\c\n", {2, 1}, values)}, metadata);
  const SafetensorsFile file(path);
  CHECK(file.metadata() == metadata);
  CHECK(numbers(file, "a\"b\\c\n") == values);
}

TEST_CASE("safetensors accepts an empty file and spaces after the header", "[safetensors]") {
  CHECK(verdict("{}", 0) == "");
  CHECK(verdict("{}      ", 0) == "");
  CHECK(verdict("{" + f32("a", "[0]", "[0,0]") + "," + f32("b", "[2]", "[0,8]") + "}", 8) == "");
}

TEST_CASE("safetensors refuses a header that cannot be", "[safetensors]") {
  CHECK(verdict("") == "not a safetensors file: it has 0 bytes, too few for the header's length");
  CHECK(verdict(with_length("{}", 4'000'000'000)) ==
        "not a safetensors file: its header claims 4000000000 bytes, the limit is 100000000");
  CHECK(verdict(with_length("{}", 90'000'000)) ==
        "not a safetensors file: its header claims 90000000 bytes, the file has 10");
  CHECK(verdict(with_length("{}", ~0ull)) ==
        "not a safetensors file: its header claims 18446744073709551615 bytes, the limit is "
        "100000000");
  CHECK(verdict(with_length("{}", 3)) ==
        "not a safetensors file: its header claims 3 bytes, the file has 10");
  CHECK(verdict("", 0) == "not a safetensors file: its header does not begin with '{'");
  CHECK(verdict(" {}", 0) == "not a safetensors file: its header does not begin with '{'");
  CHECK(verdict("[]", 0) == "not a safetensors file: its header does not begin with '{'");
  CHECK(verdict("{\"a\":", 0).starts_with("header: not valid JSON ("));
  CHECK(verdict("{} {}", 0).starts_with("header: not valid JSON ("));
  CHECK(verdict("{\"\xff\":1}", 0).starts_with("header: not valid JSON ("));
  CHECK(verdict("{" + f32("a", "[1]", "[0,4]") + "," + f32("a", "[1]", "[4,8]") + "}", 8) ==
        "header: the key \"a\" occurs twice");
}

TEST_CASE("safetensors refuses arrays that cannot be", "[safetensors]") {
  const std::string open = "not a sound safetensors file: the array \"a\"";
  const auto one = [&](const std::string& entry, std::size_t data) {
    const std::string message = verdict("{" + entry + "}", data);
    if (!message.starts_with(open)) return message;
    return message.substr(open.size() + (message[open.size()] == ' ' ? 1 : 0));
  };
  CHECK(one(R"("a":7)", 0) == ": must be a JSON object, got 7");
  CHECK(one(R"("a":{"dtype":"F32","shape":[1]})", 4) == ": has no key 'data_offsets'");
  CHECK(one(R"("a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]})", 4) ==
        "has the unknown dtype \"F33\"");
  CHECK(one(R"("a":{"dtype":32,"shape":[1],"data_offsets":[0,4]})", 4) ==
        "has the unknown dtype 32");
  CHECK(one(f32("a", "[-1]", "[0,4]"), 4) == ".shape[0]: must be a whole number from 0, got -1");
  CHECK(one(f32("a", "[1.0]", "[0,4]"), 4) == ".shape[0]: must be a whole number from 0, got 1.0");
  CHECK(one(f32("a", "1", "[0,4]"), 4) == ".shape: must be an array, got 1");
  CHECK(one(f32("a", "[1]", "[0]"), 4) == "lies at [0] in 4 bytes of data");
  CHECK(one(f32("a", "[1]", "[4,0]"), 4) == "lies at [4,0] in 4 bytes of data");
  CHECK(one(f32("a", "[2]", "[0,8]"), 4) == "lies at [0,8] in 4 bytes of data");
  CHECK(one(f32("a", "[3]", "[0,8]"), 8) == "has 8 bytes, which is not [3] of F32");
  CHECK(one(f32("a", "[4294967296,4294967296]", "[0,0]"), 0) ==
        "has 0 bytes, which is not [4294967296,4294967296] of F32");
  CHECK(one(f32("a", "[1]", "[4,8]"), 8) ==
        "begins at byte 4 of the data, where the one before ends at 0");
  CHECK(one(f32("b", "[2]", "[0,8]") + "," + f32("a", "[1]", "[4,8]"), 8) ==
        "begins at byte 4 of the data, where the one before ends at 8");
  CHECK(one(f32("a", "[1]", "[0,4]"), 5) ==
        "not a sound safetensors file: its arrays end at byte 4 of 5 bytes of data");
  CHECK(one(R"("__metadata__":7)", 0) ==
        "not a sound safetensors file: __metadata__: must be a JSON object, got 7");
  CHECK(one(R"("__metadata__":{"a":{}})", 0) ==
        "not a sound safetensors file: __metadata__.a: must be a string, got {}");
}

TEST_CASE("safetensors: every cut of a sound file is refused", "[safetensors]") {
  const std::string whole = read_file(reference);
  for (std::size_t length = 0; length < whole.size(); length += 7)
    CHECK(verdict(whole.substr(0, length)) != "");
  CHECK(verdict(whole + "x") != "");
}

TEST_CASE("safetensors leaves nothing behind where it cannot write", "[safetensors]") {
  const test::Scratch scratch;
  CHECK_THROWS_AS(write_safetensors(scratch / "no/such/folder.safetensors", {}), Error);
  CHECK_THROWS_AS(SafetensorsFile(scratch.folder().string()), Error);
  CHECK(std::filesystem::is_empty(scratch.folder()));
}
