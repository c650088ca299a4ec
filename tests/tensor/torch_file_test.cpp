#include "lib/tensor/formats/torch_file.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/tensor/formats/pickle.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string folder = TEST_DATA_DIR "/torch/";

TorchFile open(const std::string& name) { return TorchFile(RandomAccessFile(folder + name)); }
TorchFile in_memory(const std::string& bytes) { return TorchFile(RandomAccessFile(bytes, "f")); }

std::vector<std::string> names(const TorchFile& file) {
  std::vector<std::string> all;
  for (const TorchEntry& entry : file.entries()) all.push_back(entry.name);
  return all;
}

using Numbers = std::vector<float>;
Numbers numbers(const TorchFile& file, const std::string& name) {
  const auto entry = std::ranges::find(file.entries(), name, &TorchEntry::name);
  REQUIRE(entry != file.entries().end());
  Numbers values(entry->count());
  file.read(*entry, values);
  return values;
}

void replace(std::string& bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  const std::size_t at = bytes.find(from);
  REQUIRE(at != bytes.npos);
  bytes.replace(at, from.size(), to);
}

/// A pickle read from what follows the protocol, as a list of all its values.
std::size_t values_in(const std::string& program) {
  const std::string text = "\x80\x02" + program;
  std::string_view bytes = text;
  const Pickle pickle(bytes, "p", [](std::string_view name) { return name == "a.b"; });
  return pickle.values().size();
}

}  // namespace

TEST_CASE("tensors of PyTorch are read from archives and streams", "[torch]") {
  for (const char* name : {"zip.pth", "stream.pth"}) {
    INFO(name);
    const TorchFile file = open(name);
    REQUIRE(file.entries().size() == 15);
    CHECK(file.entries()[1].shape == std::vector<std::size_t>{4, 2});
    Numbers dense(24);
    for (std::size_t i = 0; i < 24; ++i) dense[i] = float(i) / 8 - 1;
    CHECK(numbers(file, "dense") == dense);
    const Numbers window = numbers(file, "window"), transposed = numbers(file, "transposed");
    for (std::size_t i = 0; i < 8; ++i) CHECK(window[i] == dense[4 * (i / 2 + 1) + i % 2 + 1]);
    for (std::size_t i = 0; i < 24; ++i) CHECK(transposed[i] == dense[i % 4 * 6 + i / 4]);
    CHECK(numbers(file, "scalar") == Numbers{2.5f});
    CHECK(numbers(file, "empty").empty());
    CHECK(numbers(file, "double") == Numbers{3.14159265f, 0});
    CHECK(numbers(file, "half") == Numbers{1.5f, -65504, 0x1p-24f});
    CHECK(numbers(file, "brain") == Numbers{1.5f, -0x1.c4p127f, 0x1p-133f});
    CHECK(numbers(file, "long") == Numbers{-0x1p40f, 7});
    CHECK(numbers(file, "int") == Numbers{-0x1p30f, 7});
    CHECK(numbers(file, "short") == Numbers{-32768, 7});
    CHECK(numbers(file, "bytes") == Numbers{0, 255});
    CHECK(numbers(file, "signed bytes") == Numbers{-128, 127});
    CHECK(numbers(file, "truth") == Numbers{1, 0, 1});
    CHECK(numbers(file, "parameter") == Numbers{0.5f, 0.25f});
  }
}

TEST_CASE("tensors in dictionaries, lists and TorchScript modules have the path as name",
          "[torch]") {
  const TorchFile nested = open("nested.pth");
  CHECK(names(nested) == std::vector<std::string>{"model.layers.0", "model.layers.1"});
  CHECK(numbers(nested, "model.layers.1") == Numbers{-0.75f, -0.625f});
  const TorchFile script = open("script.pt");
  CHECK(names(script) ==
        std::vector<std::string>{"layers.weight", "layers.mean", "output.weight", "output.bias"});
  CHECK(numbers(script, "layers.mean") == Numbers{0.5f, -0.5f});
  CHECK(numbers(script, "output.weight") == Numbers{1, 2, 3, 4});
}

TEST_CASE("what only Python could make is refused by name", "[torch]") {
  CHECK_THROWS_WITH(open("module.pth"), Contains("module.pth: holds torch.nn.modules.linear.Linear,"
                                                 " which only Python could make"));
  CHECK_THROWS_WITH(open("complex.pth"), Contains("holds torch.ComplexFloatStorage, which"));
  std::string bytes = read_file(folder + "stream.pth");
  replace(bytes, "ccollections\nOrderedDict\n", "cos\nsystem              \n");
  CHECK_THROWS_WITH(in_memory(bytes), Contains("f: holds os.system "));
  // A TorchScript class is a record of attributes there, and unknown elsewhere.
  bytes = read_file(folder + "script.pt");
  for (std::size_t at = 0; (at = bytes.find("/code/", at)) != bytes.npos; at += 6)
    bytes.replace(at, 6, "/kode/");
  CHECK_THROWS_WITH(in_memory(bytes), Contains("f: holds __torch__.Script, which"));
}

TEST_CASE("tensors outside their storages and storages outside the file are refused", "[torch]") {
  const std::string whole = read_file(folder + "stream.pth");
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string bytes = whole;
    replace(bytes, from, to);
    return bytes;
  };
  using namespace std::string_literals;
  // The window's offset, and its shape, in the pickle.
  CHECK_THROWS_WITH(in_memory(damaged("K\x05K\x04K\x02\x86"s, "K\x0cK\x04K\x02\x86"s)),
                    Contains("the tensor 'window' does not lie inside its storage of 24 elements"));
  CHECK_THROWS_WITH(in_memory(damaged("K\x05K\x04K\x02\x86"s, "K\x05K\x07K\x02\x86"s)),
                    Contains("the tensor 'window' does not lie inside"));
  // Strides of zero would make much of little.
  CHECK_THROWS_WITH(in_memory(damaged("K\x04K\x01\x86"s, "K\x00K\x00\x86"s)),
                    Contains("the tensor 'window' does not lie inside"));
  // The first storage's number of elements, at the end.
  std::string bytes = whole;
  const std::string count("\x18\0\0\0\0\0\0\0", 8);
  REQUIRE(bytes.rfind(count) != bytes.npos);
  bytes[bytes.rfind(count)] = 25;
  CHECK_THROWS_WITH(in_memory(bytes), Contains("a storage of 25 elements where 24 are told of"));
  CHECK_THROWS_WITH(in_memory(damaged("little_endian\x71\x02\x88", "little_endian\x71\x02\x89")),
                    Contains("its byte order is not little"));
  CHECK_THROWS_WITH(in_memory("\1\0"s), Contains("f: not a file of PyTorch (neither"));
}

TEST_CASE("files of PyTorch that end early or are damaged are refused or read, never more",
          "[torch]") {
  for (const char* name : {"zip.pth", "stream.pth", "script.pt"}) {
    const std::string whole = read_file(folder + name);
    for (std::size_t size = 0; size < whole.size(); size += 7)
      CHECK_THROWS_AS(in_memory(whole.substr(0, size)), Error);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string bytes = whole;
      bytes[at] = char(bytes[at] ^ 0x41);
      try {
        const TorchFile file = in_memory(bytes);
        for (const TorchEntry& entry : file.entries()) {
          Numbers values(entry.count());
          file.read(entry, values);
        }
      } catch (const Error& e) {
        CHECK(std::string(e.what()).starts_with("f"));
      }
    }
  }
}

TEST_CASE("pickles that are no programs are refused", "[torch]") {
  CHECK(values_in("K\x01K\x02\x86.") == 3);
  CHECK_THROWS_WITH(values_in("."), "p: its pickle has an operation on nothing");
  CHECK_THROWS_WITH(values_in("t."), "p: its pickle has an operation that lacks its mark");
  CHECK_THROWS_WITH(values_in("K\x01(0."), "p: its pickle has an operation on nothing");
  CHECK_THROWS_WITH(values_in("h\x07."), "p: its pickle has a reference to nothing");
  CHECK_THROWS_WITH(values_in("}(K\x01u."), "p: its pickle has a key without its value");
  CHECK_THROWS_WITH(values_in("K\x01K\x01"
                              "a."),
                    "p: its pickle has entries for what can't hold them");
  CHECK_THROWS_WITH(values_in("X\xff\xff\xff\x7f."), "p: its pickle has no end: truncated");
  CHECK_THROWS_WITH(values_in("iposix\nsystem\n."),
                    "p: its pickle has the opcode 105, which no file of tensors needs");
  CHECK_THROWS_WITH(values_in("cposix\nsystem\n."),
                    "p: holds posix.system, which only Python could make; a file of tensors alone "
                    "is wanted");
}
