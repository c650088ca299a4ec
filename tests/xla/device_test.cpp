#include "lib/xla/device.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/xla_plugin.hpp"

using namespace diffusion;
using namespace diffusion::xla;

namespace {

using Variables = std::map<std::string, std::string>;

/// Environment variables, as they were before at its end. "" unsets.
class Environment {
 public:
  explicit Environment(const Variables& values) {
    for (const auto& [name, value] : values) {
      const char* const before = std::getenv(name.c_str());
      before_[name] = before ? std::optional<std::string>(before) : std::nullopt;
      set(name, value);
    }
  }
  ~Environment() {
    for (const auto& [name, value] : before_) set(name, value.value_or(""));
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static void set(const std::string& name, const std::string& value) {
    if (value.empty())
      unsetenv(name.c_str());
    else
      setenv(name.c_str(), value.c_str(), 1);
  }
  std::map<std::string, std::optional<std::string>> before_;
};

const std::string cuda13 = "lib/python3.13/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so";

/// Python's folders in one scratch folder, and none of this machine's but the system's.
Variables only_in(const test::Scratch& scratch) {
  return {{"VIRTUAL_ENV", scratch / "venv"},
          {"CONDA_PREFIX", scratch / "conda"},
          {"PYTHONUSERBASE", ""},
          {"HOME", scratch / "home"},
          {"PATH", scratch / "python/bin"},
          {"DIFFUSION_XLA_PLUGIN", ""}};
}

}  // namespace

TEST_CASE("device specs say what computes, and on which devices", "[xla]") {
  const Environment none(Variables{{"DIFFUSION_XLA_PLUGIN", ""}, {"DIFFUSION_DEVICE", ""}});
  CHECK(choose_device("cpu") == DeviceChoice{"cpu", "", {}});
  CHECK(choose_device("cpu").own_engine());
  CHECK(choose_device("xla:plugin=a/b.so,devices=3:0") == DeviceChoice{"xla", "a/b.so", {3, 0}});
  CHECK(choose_device("xla:plugin=a.so,devices=\"0,1\"").devices == std::vector<int>{0, 1});
  CHECK(choose_device("cuda:plugin=a.so") == DeviceChoice{"cuda", "a.so", {}});
  CHECK_FALSE(choose_device("CUDA:plugin=a.so").own_engine());
  CHECK(choose_device("gpu:plugin=a.so").name == "cuda");
  CHECK(default_device() == "cpu");
  const Environment given(Variables{{"DIFFUSION_DEVICE", "xla"}, {"DIFFUSION_XLA_PLUGIN", "c.so"}});
  CHECK(choose_device(default_device()) == DeviceChoice{"xla", "c.so", {}});
  CHECK(choose_device("xla:plugin=d.so").plugin == "d.so");
}

TEST_CASE("device specs that say nothing sensible are refused", "[xla]") {
  const Environment none(Variables{{"DIFFUSION_XLA_PLUGIN", ""}});
  CHECK_THROWS_WITH(choose_device("cdua"),
                    "unknown device 'cdua' (have: cpu, cuda, rocm, oneapi, tpu, xla)");
  CHECK(choose_device("xla:plugin=a.so,devices=0,1,4").devices == std::vector<int>{0, 1, 4});
  CHECK(choose_device("xla:2,0,plugin=a.so") == DeviceChoice{"xla", "a.so", {2, 0}});
  CHECK_THROWS_WITH(choose_device("xla:plugin="), "xla: plugin needs the name of a file");
  CHECK_THROWS_WITH(choose_device("xla:plugin=a.so,devices="),
                    StartsWith("xla: devices needs numbers from 0 up"));
  CHECK_THROWS_WITH(choose_device("cpu:devices=0"), "cpu: no parameter 'devices' (it has none)");
  CHECK_THROWS_WITH(choose_device("xla:plugin=a.so,device=0"),
                    "xla: no parameter 'device' (has: plugin, devices)");
  for (const std::string devices : {"x", "0:", "-1", "1.5", "65536", "0-3"})
    CHECK_THROWS_WITH(
        choose_device("xla:plugin=a.so,devices=" + devices),
        "xla: devices needs numbers from 0 up with ':' between, got '" + devices + "'");
  CHECK_THROWS_WITH(choose_device("xla:plugin=a.so,devices=1:0:1"), "xla: devices has 1 twice");
  CHECK_THROWS_WITH(choose_device("xla"),
                    "xla: which XLA plugin? Say xla:plugin=FILE, or name the file in "
                    "DIFFUSION_XLA_PLUGIN");
}

TEST_CASE("completions know the parameters of devices", "[xla]") {
  for (const DeviceFamily& row : device_families()) {
    std::vector<std::string> keys;
    for (const Parameter& parameter : parameters_of(row)) keys.push_back(parameter.key);
    CHECK(keys == (row.name == "cpu" ? std::vector<std::string>{}
                                     : std::vector<std::string>{"plugin", "devices"}));
  }
}

TEST_CASE("plugins are found where pip puts them, the activated environment first", "[xla]") {
  const test::Scratch scratch;
  const Environment here(only_in(scratch));
  scratch.write("python/bin/python3", "");
  const std::string beside = scratch.write("python/" + cuda13, "");
  CHECK(choose_device("cuda").plugin == beside);
  const std::string conda = scratch.write("conda/" + cuda13, "");
  CHECK(choose_device("cuda").plugin == conda);
  const std::string venv9 = scratch.write(
      "venv/lib/python3.9/site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so", "");
  CHECK(choose_device("cuda").plugin == venv9);
  const std::string venv12 = scratch.write(
      "venv/lib/python3.13/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so", "");
  CHECK(choose_device("cuda").plugin == venv12);  // of the later Python
  const std::string venv13 = scratch.write("venv/" + cuda13, "");
  CHECK(choose_device("cuda:devices=1") == DeviceChoice{"cuda", venv13, {1}});
}

TEST_CASE("the user's own packages are searched", "[xla]") {
  const test::Scratch scratch;
  const Environment here(only_in(scratch));
  const std::string own = scratch.write("home/.local/" + cuda13, "");
  CHECK(choose_device("cuda").plugin == own);
  const auto known = known_plugins();
  REQUIRE_FALSE(known.empty());
  CHECK(known[0].path == own);
  {
    const Environment named(Variables{{"DIFFUSION_XLA_PLUGIN", "mine.so"}});
    REQUIRE(known_plugins().size() == known.size() + 1);
    CHECK(known_plugins()[0].path == "mine.so");
  }
  const Environment again(Variables{{"DIFFUSION_XLA_PLUGIN", own}});
  CHECK(known_plugins().size() == known.size());
  const Environment elsewhere(Variables{{"PYTHONUSERBASE", scratch / "base"}});
  CHECK_THROWS(choose_device("cuda"));
  const std::string base = scratch.write("base/" + cuda13, "");
  CHECK(choose_device("cuda").plugin == base);
}

TEST_CASE("kinds and versions of plugins are told by their packages", "[xla]") {
  const test::Scratch scratch;
  scratch.write("jax_cuda13_pjrt-0.12.0.1.dist-info/METADATA", "");
  scratch.write("jax_cuda12_pjrt-0.9.dist-info/METADATA", "");
  scratch.write("libtpu-0.0.51.dist-info/METADATA", "");
  scratch.write("fastatomstruct_xla_cpu-2026.6.23.dist-info/METADATA", "");
  for (const char* file :
       {"jax_plugins/xla_cuda13/xla_cuda_plugin.so", "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
        "jax_plugins/xla_rocm7/xla_rocm_plugin.so", "jax_plugins/xla_oneapi/xla_oneapi_plugin.so",
        "libtpu/libtpu.so", "fastatomstruct_xla_cpu/libpjrt_cpu.so",
        "jax_plugins/xla_cuda11/other.so", "jax_plugins/mine/xla_cuda_plugin.so"})
    scratch.write(file, "");
  std::filesystem::create_directories(scratch / "jax_plugins/xla_cuda10/xla_cuda_plugin.so");
  const std::vector<std::string> folders = {scratch / "none", scratch.folder().string()};
  std::vector<std::string> found;
  for (const PluginFile& plugin : plugins_in(folders))
    found.push_back(plugin.family + " " + plugin.version + " " +
                    std::filesystem::relative(plugin.path, scratch.folder()).string());
  CHECK(found == std::vector<std::string>{"cuda 0.12.0.1 jax_plugins/xla_cuda13/xla_cuda_plugin.so",
                                          "cuda 0.9 jax_plugins/xla_cuda12/xla_cuda_plugin.so",
                                          "rocm  jax_plugins/xla_rocm7/xla_rocm_plugin.so",
                                          "oneapi  jax_plugins/xla_oneapi/xla_oneapi_plugin.so",
                                          "tpu 0.0.51 libtpu/libtpu.so",
                                          "cpu 2026.6.23 fastatomstruct_xla_cpu/libpjrt_cpu.so"});
}

TEST_CASE("a device without a plugin says what installs it", "[xla]") {
  const test::Scratch scratch;
  const Environment here(only_in(scratch));
  if (!plugins_in(package_folders()).empty()) return;  // the system's
  CHECK_THROWS_WITH(choose_device("cuda"),
                    "cuda: no XLA plugin is installed: pip install \"jax-cuda13-plugin[with-cuda]\""
                    ", or say cuda:plugin=FILE");
  CHECK_THROWS_WITH(choose_device("tpu:devices=0"),
                    "tpu: no XLA plugin is installed: pip install libtpu, or say tpu:plugin=FILE");
}

TEST_CASE("plugins are listed with what they are, or why they can't be used", "[xla]") {
  const test::Scratch scratch;
  const std::string text = scratch.write("text.so", "a text, and no library at all\n");
  const auto lines = plugin_lines(std::vector<PluginFile>{{"cuda", text, "0.1"}});
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], StartsWith("cuda 0.1, " + text + ": " + text + ": not an XLA plugin ("));
  const auto client = test::xla_client("listing");
  if (!client) return;
  const std::string file = client->plugin().path();
  CHECK_THAT(plugin_lines(std::vector<PluginFile>{{"x", file, ""}})[0],
             StartsWith("x, " + file + ": PJRT 0.") &&
                 Contains(", " + client->platform() + ", 0 " + client->devices()[0].kind));
  CHECK(open_device({"xla", file, {0}})->devices().size() == 1);
}
