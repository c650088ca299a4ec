#include "lib/image/part.hpp"

#include "lib/base/error.hpp"

namespace diffusion {

std::size_t count_to_divide(const ImageSet& set, const std::string& data, const char* setting) {
  if (set.count) return *set.count;
  const std::string& unknown = set.damaged.empty() ? data : set.damaged;
  throw Error((unknown == "-" ? "standard input" : unknown) + ": " +
              (set.damaged.empty() ? "a stream" : "a damaged archive") +
              " does not tell its number of images, which `" + setting + "` needs");
}

}  // namespace diffusion
