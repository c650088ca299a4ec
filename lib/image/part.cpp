#include "lib/image/part.hpp"

#include "lib/base/error.hpp"

namespace diffusion {

std::size_t count_to_divide(const ImageSet& set, const std::string& data, const char* setting) {
  if (set.count) return *set.count;
  throw Error((data == "-" ? "standard input" : data) + ": " +
              (set.passing ? "a stream" : "a damaged archive") +
              " does not tell its number of images, which `" + setting + "` needs");
}

}  // namespace diffusion
