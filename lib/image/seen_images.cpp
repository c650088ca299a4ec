#include "lib/image/seen_images.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "lib/base/ranks.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

using Names = std::unordered_set<std::size_t>;

/// Those of all ranks.
void unite(const Ranks& ranks, Names& names) {
  std::string own;
  for (const std::size_t name : names)
    own.append(reinterpret_cast<const char*>(&name), sizeof name);
  for (const std::string& others : texts_of_all(ranks, own))
    for (std::size_t at = 0, name = 0; at < others.size(); at += sizeof name) {
      std::memcpy(&name, others.data() + at, sizeof name);
      names.insert(name);
    }
}

/// So many pictures, the brightest value in them.
std::string of_bright_floats(std::size_t pictures, float brightest) {
  const std::string white = brightest <= 255 ? "255" : "65535";
  return "floats up to " + significant(brightest, 4) + " in " + count_of(pictures, "picture") +
         ", where 1 is white; if white is " + white +
         ", divide by it, or store arrays (.npy) and " + "say `range` 0," + white;
}

}  // namespace

void SeenImages::add_floats(float least, float greatest) {
  const std::lock_guard lock(mutex_);
  least_ = std::min(least_, least);
  greatest_ = std::max(greatest_, greatest);
}

void SeenImages::add_float_picture(const std::string& name, const Tensor& pixels) {
  std::size_t lit = 0, above = 0;
  float least = 0, greatest = 0;
  for (const float value : pixels) {
    const float v = (value + 1) / 2;
    lit += v > 0;
    above += v > 1;
    least = std::min(least, v);
    greatest = std::max(greatest, v);
  }
  if (least < 0 || greatest < 2 || 2 * above < lit) return;
  const std::lock_guard lock(mutex_);
  brightest_ = std::max(brightest_, greatest);
  over_white_.insert(std::hash<std::string>()(name));
}

void SeenImages::add_laid_on_white() {
  const std::lock_guard lock(mutex_);
  laid_on_white_ = true;
}

void SeenImages::add_unturned(const std::string& name) {
  const std::lock_guard lock(mutex_);
  unturned_.insert(std::hash<std::string>()(name));
}

void SeenImages::share(const Ranks& ranks) {
  struct Sighting {
    float least, greatest, brightest;
    bool laid_on_white;
  };
  const std::lock_guard lock(mutex_);
  for (const auto& [least, greatest, brightest, on_white] :
       of_all(ranks, Sighting{least_, greatest_, brightest_, laid_on_white_})) {
    least_ = std::min(least_, least);
    greatest_ = std::max(greatest_, greatest);
    brightest_ = std::max(brightest_, brightest);
    laid_on_white_ |= on_white;
  }
  for (Names* const names : {&unturned_, &over_white_}) unite(ranks, *names);
}

std::vector<std::string> SeenImages::remarks() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  if (least_ >= 0 && least_ < greatest_ && greatest_ <= 1)
    all.emplace_back(
        "all values lie in 0 to 1, and are read as floats from -1, black, to 1, white; if 0 is "
        "black, say `range` 0,1");
  if (!over_white_.empty()) all.push_back(of_bright_floats(over_white_.size(), brightest_));
  if (laid_on_white_)
    all.emplace_back("images that are not opaque are laid on white; `alpha` says otherwise");
  if (!unturned_.empty())
    all.push_back(
        count_of(unturned_.size(), "picture") +
        (unturned_.size() == 1 ? " says by EXIF how to turn it" : " say by EXIF how to turn them") +
        ", which was not done; `orient` does it");
  return all;
}

}  // namespace diffusion
