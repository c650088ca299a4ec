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

/// Numbers may come alone, and with ',' between: "cuda:0", "xla:plugin=FILE,devices=0,1".
std::string with_devices_named(std::string_view spec) {
  const auto is_number = [](std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == word.npos;
  };
  const auto colon = spec.find(':');
  if (colon == spec.npos) return std::string(spec);
  std::string named(spec.substr(0, colon + 1));
  bool first = true, numbers = false;  // whether the word before is one of devices
  for (const std::string& word : split(spec.substr(colon + 1), ',')) {
    if (!is_number(word)) {
      named += (first ? "" : ",") + word;
      numbers = word.starts_with("devices=");
    } else {
      named += (numbers ? ":" : first ? "devices=" : ",devices=") + word;
      numbers = true;
    }
    first = false;
  }
  return named;
}

std::vector<int> devices_in(Params& params) {
  std::vector<int> devices;
  const bool given = params.has("devices");
  std::string text = params.text("devices", "");
  if (!given) return devices;
  std::ranges::replace(text, ',', ':');
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
  const bool given = params.has("plugin");
  choice.plugin = params.file("plugin", "");
  if (given && choice.plugin.empty()) params.refuse("plugin", "needs the name of a file");
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
    for (const Device& device : client->devices())
      kinds.push_back(std::to_string(device.hardware) + " " + device.kind);
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
  return make_from(device_families(), with_devices_named(spec), "device");
}

std::string default_device() {
  const char* const given = std::getenv("DIFFUSION_DEVICE");
  return given && *given ? given : "cpu";
}

std::shared_ptr<Client> open_device(const DeviceChoice& choice) {
  auto client = Client::open(choice.plugin, {.devices = choice.devices});
  if (client->platform() == "cpu" && choice.name != "xla")
    throw Error(choice.name + ": the plugin " + client->plugin().name() +
                " drives processors; say xla:plugin=FILE for those");
  return client;
}

std::vector<std::string> plugin_lines(std::span<const PluginFile> plugins) {
  std::vector<std::string> lines;
  for (const PluginFile& plugin : plugins) lines.push_back(line_of(plugin));
  return lines;
}

}  // namespace diffusion::xla
