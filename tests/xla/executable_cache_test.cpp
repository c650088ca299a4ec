#include "lib/xla/executable_cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion::xla {  // whose Shape is not the tensors'
namespace fs = std::filesystem;

namespace {

const Shape four{Type::f32, {4}};

/// x + x + ... `times` times.
ProgramText multiple(int times) {
  std::string text =
      "module @m { func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0 = stablehlo.add %x, %x : tensor<4xf32>\n";
  for (int i = 1; i < times - 1; ++i)
    text += "  %" + std::to_string(i) + " = stablehlo.add %" + std::to_string(i - 1) +
            ", %x : tensor<4xf32>\n";
  return {text + "  return %" + std::to_string(times - 2) + " : tensor<4xf32> } }",
          {{four}, {four}}};
}

/// How often compile_cached compiled, where the cache is a folder of the test's.
struct Compiler {
  Client& client;
  int begun = 0, done = 0;

  bool compiles(const ProgramText& program, float expected, const CompileOptions& options = {}) {
    const int before = done;
    const Executable executable = compile_cached(client, program, options,
                                                 {.begins = [this] { ++begun; },
                                                  .done =
                                                      [this](double seconds) {
                                                        CHECK(seconds > 0);
                                                        ++done;
                                                      }});
    const std::vector<float> one(4, 1);
    Buffer x = client.upload(one.data(), four, executable.devices()[0]);
    CHECK(executable.run({&x})[0].read<float>() == std::vector<float>(4, expected));
    CHECK(begun == done);
    return done > before;
  }
};

std::vector<fs::path> files_in(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("the folder of compiled programs follows the environment", "[xla]") {
  setenv("HOME", "/home/me", 1);
  unsetenv("XDG_CACHE_HOME");
  CHECK(executable_cache_folder() == "/home/me/.cache/diffusion-tools");
  setenv("XDG_CACHE_HOME", "/cache", 1);
  CHECK(executable_cache_folder() == "/cache/diffusion-tools");
  setenv("XDG_CACHE_HOME", "relative", 1);
  CHECK(executable_cache_folder() == "/home/me/.cache/diffusion-tools");
  unsetenv("HOME");
  CHECK(executable_cache_folder() == "");
}

TEST_CASE("a program is compiled once, and another one is another", "[xla]") {
  const auto client = test::xla_client("the cache");
  if (!client) return;
  const test::Scratch scratch;
  setenv("XDG_CACHE_HOME", scratch.folder().c_str(), 1);
  Compiler compiler{*client};
  CHECK(compiler.compiles(multiple(3), 3));
  CHECK_FALSE(compiler.compiles(multiple(3), 3));
  CHECK(compiler.compiles(multiple(4), 4));
  CHECK_FALSE(compiler.compiles(multiple(4), 4));
  CHECK_FALSE(compiler.compiles(multiple(3), 3));
  if (client->devices().size() > 1) {
    CHECK(compiler.compiles(multiple(3), 3, {.devices = {1}}));
    CHECK_FALSE(compiler.compiles(multiple(3), 3, {.devices = {1}}));
  }
  setenv("XLA_FLAGS", "--xla_dump_disable_metadata=true", 1);
  CHECK(compiler.compiles(multiple(3), 3));
  unsetenv("XLA_FLAGS");
  const auto again = Client::open(client->plugin().path());
  CHECK_FALSE(Compiler{*again}.compiles(multiple(4), 4));
}

TEST_CASE("damaged files of compiled programs are ignored and replaced", "[xla]") {
  const auto client = test::xla_client("a damaged cache");
  if (!client) return;
  const test::Scratch scratch;
  setenv("XDG_CACHE_HOME", scratch.folder().c_str(), 1);
  Compiler compiler{*client};
  CHECK(compiler.compiles(multiple(3), 3));
  const auto files = files_in(scratch / "diffusion-tools");
  REQUIRE(files.size() == 1);
  const std::string path = files[0].string(), whole = read_file(path);
  const std::size_t header = whole.find('\n', 150) + 1;  // past the checksum's beginning
  REQUIRE(header < 200);
  std::vector<std::string> damaged = {"",
                                      "x",
                                      whole.substr(0, 40),
                                      whole.substr(0, header),
                                      whole.substr(0, whole.size() - 1),
                                      whole + "x",
                                      std::string(whole.size(), '\0')};
  for (const std::size_t at :
       {std::size_t(0), std::size_t(20), std::size_t(79), std::size_t(80), std::size_t(82),
        header - 2, header, whole.size() / 2, whole.size() - 1}) {
    damaged.push_back(whole);
    damaged.back()[at] ^= 1;
  }
  for (const std::string& bytes : damaged) {
    write_file(path, bytes);
    CHECK(compiler.compiles(multiple(3), 3));
    CHECK_FALSE(compiler.compiles(multiple(3), 3));
  }
  // A whole file of another program's under this one's name.
  CHECK(compiler.compiles(multiple(5), 5));
  const auto both = files_in(scratch / "diffusion-tools");
  REQUIRE(both.size() == 2);
  fs::copy_file(both[0] == files[0] ? both[1] : both[0], path,
                fs::copy_options::overwrite_existing);
  CHECK(compiler.compiles(multiple(3), 3));
}

TEST_CASE("without a folder to write programs are compiled each time", "[xla]") {
  const auto client = test::xla_client("no cache");
  if (!client) return;
  const test::Scratch scratch;
  Compiler compiler{*client};
  setenv("XDG_CACHE_HOME", scratch.write("a-file", "").c_str(), 1);  // root may write anywhere
  CHECK(compiler.compiles(multiple(3), 3));
  CHECK(compiler.compiles(multiple(3), 3));
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  CHECK(compiler.compiles(multiple(3), 3));
}

}  // namespace diffusion::xla
