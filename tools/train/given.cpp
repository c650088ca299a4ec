#include "tools/train/given.hpp"

#include <cctype>

#include "lib/train/config.hpp"

namespace diffusion {
namespace {

std::string text_of(const ImageSize& size) {
  return std::to_string(size.first) + "x" + std::to_string(size.second);
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

/// Whether a whole key stands there, and nobody else is said to have given it: "FILE: train.lr",
/// "`set` train.lr".
bool is_own_key(const std::string& message, std::size_t at, std::size_t size) {
  const std::size_t end = at + size;
  if (end < message.size() && (in_word(message[end]) || message[end] == '=')) return false;
  if (at == 0) return true;
  const std::string before = message.substr(0, at);
  return !in_word(before.back()) && !before.ends_with(": ") && !before.ends_with("`set` ");
}

void replace_key(std::string& message, const std::string& key, const std::string& flag) {
  for (std::size_t at = 0; (at = message.find(key, at)) != message.npos;) {
    const bool own = is_own_key(message, at, key.size());
    if (own) message.replace(at, key.size(), flag);
    at += own ? flag.size() : key.size();
  }
}

}  // namespace

std::vector<FlagSetting> settings_of(cli::Tool& tool, const TrainRequest& request) {
  const ImageSetOptions& reading = request.reading;
  std::vector<FlagSetting> settings = request.flags;
  if (reading.size) settings.push_back({"data.size", text_of(*reading.size), "--size"});
  if (reading.crop) settings.push_back({"data.crop", text_of(*reading.crop), "--crop"});
  if (reading.channels)
    settings.push_back({"data.channels", std::to_string(*reading.channels),
                        *reading.channels == 1 ? "--gray" : "--rgb"});
  if (reading.orient) settings.push_back({"data.orient", "true", "--orient"});
  if (reading.sixteen)
    settings.push_back(
        {"data.16_bit", reading.sixteen == SixteenBits::pillow ? "pillow" : "scale", "--16-bit"});
  if (tool.app().count("--seed") > 0)
    settings.push_back({"train.seed", std::to_string(tool.common().seed), "--seed"});
  return settings;
}

namespace {

/// A key that the network has not, by the flag that stands for it.
std::string without_place(std::string message, const std::string& key, const std::string& flag) {
  const std::string lacking = "model config: no key '" + key + "' in ";
  const auto at = message.find(lacking);
  if (at == message.npos) return message;
  const std::string network = message.substr(at + lacking.size());
  return message.substr(0, at) + flag + ": means nothing to a " +
         network.substr(0, network.find(' '));
}

}  // namespace

std::string with_flags_for_keys(std::string message, const std::vector<FlagSetting>& given) {
  constexpr std::string_view network = "model.", network_error = "model config: ";
  for (const auto& [path, value, flag] : given) {
    replace_key(message, path, flag);
    if (!path.starts_with(network)) continue;
    const std::string key = path.substr(network.size());
    message = without_place(std::move(message), key, flag);
    replace_key(message, std::string(network_error) + key, flag);
  }
  return message;
}

}  // namespace diffusion
