#include "lib/xla/device.hpp"

#include <algorithm>
#include <cstdlib>

#include "lib/base/text.hpp"
#include "lib/xla/held_stderr.hpp"

namespace diffusion::xla {
namespace {

/// What installs the plugin of a kind of devices.
struct Package {
  std::string_view family, pip;
};
constexpr Package packages[] = {
    {"cuda", "pip install \"jax-cuda13-plugin[with-cuda]\""},
    {"rocm", "pip install jax-rocm7-pjrt"},
    {"oneapi", "pip install jax-oneapi-pjrt"},
    {"tpu", "pip install libtpu"},
};

std::vector<int> devices_in(Params& params) {
  std::string text = params.text("devices", "");
  std::ranges::replace(text, ',', ':');
  std::vector<int> devices;
  if (text.empty()) return devices;
  for (const std::string& word : split(text, ':')) {
    const auto number = parse_integer(word);
    if (!number || *number < 0 || *number > 65535)
      params.refuse("devices", "needs numbers from 0 up with ':' between, got '" + text + "'");
    if (std::ranges::count(devices, int(*number)))
      params.refuse("devices", "has " + word + " twice");
    devices.push_back(int(*number));
  }
  return devices;
}

DeviceChoice with_plugin(Params& params, const auto& find) {
  DeviceChoice choice{.name = params.name()};
  choice.plugin = params.file("plugin", "");
  choice.devices = devices_in(params);
  if (choice.plugin.empty()) choice.plugin = find();
  return choice;
}

DeviceChoice make_cpu(Params&) { return {}; }

DeviceChoice make_installed(Params& params) {
  return with_plugin(params, [&] {
    const std::string& family = params.name();
    for (const PluginFile& plugin : plugins_in(package_folders()))
      if (plugin.family == family) return plugin.path;
    const auto package = std::ranges::find(packages, family, &Package::family);
    throw Error(family + ": no XLA plugin is installed: " + std::string(package->pip) +
                ", or say " + family + ":plugin=FILE");
  });
}

DeviceChoice make_xla(Params& params) {
  return with_plugin(params, [&] {
    const std::string file = plugin_of_environment();
    if (file.empty())
      throw Error(
          "xla: which XLA plugin? Say xla:plugin=FILE, or name the file in DIFFUSION_XLA_PLUGIN");
    return file;
  });
}

constexpr DeviceFamily rows[] = {
    {"cpu", "this program's own engine, on the processor", make_cpu},
    {"cuda", "NVIDIA's GPUs, by XLA", make_installed},
    {"rocm", "AMD's GPUs, by XLA", make_installed},
    {"oneapi", "Intel's GPUs, by XLA", make_installed},
    {"tpu", "Google's TPUs, by XLA", make_installed},
    {"xla", "what an XLA plugin drives", make_xla},
};

constexpr Synonym other_names[] = {{"gpu", "cuda"}, {"nvidia", "cuda"}, {"amd", "rocm"}};

std::string line_of(const PluginFile& plugin) {
  const std::string version = plugin.version.empty() ? "" : " " + plugin.version;
  const std::string line = plugin.family + version + ", " + plugin.path + ": ";
  const HeldStderr held;  // the reason is enough here
  try {
    const auto client = Client::open(plugin.path);
    std::vector<std::string> kinds;
    for (const Device& device : client->devices()) kinds.push_back(device.kind);
    return line + "PJRT " + client->plugin().version() + ", " + client->platform() + ", " +
           join(kinds, ", ");
  } catch (const Error& error) {
    return line + error.what();
  }
}

}  // namespace

std::span<const Synonym> DeviceFamily::synonyms() { return other_names; }

std::span<const DeviceFamily> device_families() { return rows; }

DeviceChoice choose_device(std::string_view spec) {
  return make_from(device_families(), spec, "device");
}

std::string default_device() {
  const char* const given = std::getenv("DIFFUSION_DEVICE");
  return given && *given ? given : "cpu";
}

std::shared_ptr<Client> open_device(const DeviceChoice& choice) {
  return Client::open(choice.plugin, {.devices = choice.devices});
}

std::vector<std::string> plugin_lines(std::span<const PluginFile> plugins) {
  std::vector<std::string> lines;
  for (const PluginFile& plugin : plugins) lines.push_back(line_of(plugin));
  return lines;
}

}  // namespace diffusion::xla
