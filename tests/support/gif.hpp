// What a GIF says of its frames.
#pragma once
#include <string>
#include <vector>

namespace diffusion::test {

/// How long each frame stays, in 1/100 s: a graphic control extension has four bytes, of
/// which two are that.
inline std::vector<int> gif_delays(const std::string& gif) {
  std::vector<int> found;
  for (std::size_t at = 0; (at = gif.find("\x21\xf9\x04", at)) != std::string::npos; ++at)
    found.push_back(static_cast<unsigned char>(gif[at + 4]) +
                    256 * static_cast<unsigned char>(gif[at + 5]));
  return found;
}

}  // namespace diffusion::test
