#include "tools/cli/device.hpp"

#include <cstdlib>

#include "lib/xla/device.hpp"

namespace diffusion::cli {
namespace {

/// Those that were installed, and the one that the environment names.
std::vector<std::string> lines_of_plugins() {
  std::vector<xla::PluginFile> plugins = xla::plugins_in(xla::package_folders());
  const char* const named = std::getenv("DIFFUSION_XLA_PLUGIN");
  if (named && *named) plugins.push_back({.family = "xla", .path = named, .version = ""});
  std::vector<std::string> lines;
  for (const std::string& line : xla::plugin_lines(plugins)) lines.push_back("XLA plugin: " + line);
  return lines;
}

}  // namespace

void add_device(const Flags& flags, std::string& device) {
  flags.add({.names = "--device",
             .value = "SPEC",
             .help = "What runs the network: {}",
             .values = specs_of("devices", xla::device_families()),
             .otherwise = "$DIFFUSION_DEVICE or cpu"},
            device);
  flags.tool().tell_version_of(lines_of_plugins);
}

EngineOptions engine_on(const Tool& tool, const std::string& device) {
  return {.device = device, .usual_device = xla::default_device(), .watch = say_compiling(tool)};
}

std::shared_ptr<xla::Client> open_device(const std::string& device) {
  const xla::DeviceChoice choice =
      xla::choose_device(device.empty() ? xla::default_device() : device);
  return choice.own_engine() ? nullptr : xla::open_device(choice);
}

xla::CompileWatch say_compiling(const Tool& tool, const std::string& what) {
  return {.begins = [&tool, what] { tool.say("compiling " + what + " for the device"); },
          .done =
              [&tool, what](double seconds) {
                tool.say("compiled " + what + " in " + significant(seconds, 2) + " s");
              },
          .not_kept =
              [&tool](const std::string& why) {
                tool.say("what is compiled can't be kept for the next time: " + why);
              }};
}

xla::BatchWatch say_compiling(const Tool& tool) {
  return [&tool](std::size_t images) {
    return say_compiling(tool, "the network for " + count_of(images, "image"));
  };
}

}  // namespace diffusion::cli
