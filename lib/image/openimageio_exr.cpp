// The names: Academy Software Foundation, "OpenEXR: Standard Channel Names and Layers".
#include "lib/image/openimageio_exr.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

/// "left.R" is R of a layer, "left".
struct ChannelName {
  std::string layer, name;

  bool is_one_of(std::initializer_list<std::string_view> names) const {
    return std::ranges::find(names, name) != names.end();
  }
};

/// In lower case, as programs differ in it.
ChannelName channel_name(const std::string& full) {
  const std::size_t dot = full.rfind('.');
  const bool layered = dot != full.npos;
  ChannelName channel{layered ? full.substr(0, dot) : "", layered ? full.substr(dot + 1) : full};
  for (char& letter : channel.name)
    if (letter >= 'A' && letter <= 'Z') letter = char(letter - 'A' + 'a');
  return channel;
}

bool are_rgb(const std::vector<ChannelName>& channels) {
  return channels.size() >= 3 && channels[0].is_one_of({"r", "red"}) &&
         channels[1].is_one_of({"g", "green"}) && channels[2].is_one_of({"b", "blue"});
}

bool is_grey(const ChannelName& channel) {
  return channel.is_one_of({"y", "l", "gray", "grey", "luminance"});
}

/// "X, Y and Z", sorted as in the file, which versions of OpenImageIO order in their own ways;
/// of many, the first.
std::string listed(std::vector<std::string> names) {
  std::ranges::sort(names);
  constexpr std::size_t most = 6;
  const std::size_t count = names.size(), shown = count > most ? most - 1 : count - 1;
  std::string all = names[0];
  for (std::size_t i = 1; i < shown; ++i) all += ", " + names[i];
  if (count == 1) return all;
  return all + " and " + (count > most ? std::to_string(count - shown) + " more" : names.back());
}

[[noreturn]] void refuse(const std::vector<std::string>& names) {
  throw Error(std::string("its channel") + (names.size() == 1 ? " is " : "s are ") + listed(names) +
              ": needs grey (Y), RGB, or either with A");
}

}  // namespace

int picture_channels(const std::vector<std::string>& names) {
  if (names.empty()) throw Error("it has no channels");
  std::vector<ChannelName> channels;
  for (const std::string& name : names) channels.push_back(channel_name(name));
  const bool one_layer = std::ranges::all_of(
      channels, [&](const ChannelName& channel) { return channel.layer == channels[0].layer; });
  std::size_t count = are_rgb(channels) ? 3 : is_grey(channels[0]) ? 1 : 0;
  if (count == 0 || !one_layer) refuse(names);
  if (count < channels.size() && channels[count].is_one_of({"a", "alpha"})) ++count;
  for (std::size_t i = count; i < channels.size(); ++i)
    if (!channels[i].is_one_of({"z", "zback", "depth"})) refuse(names);
  return int(count);
}

}  // namespace diffusion
