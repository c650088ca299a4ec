// The way from noise to samples for people to look at: a strip of levels, an animation.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/output/recording.hpp"
#include "lib/output/turn.hpp"

namespace diffusion {

/// What is to be drawn: a film, a sample's way in a row, and an animation.
struct FilmRequest {
  std::string film = "", gif = "";  // files, or ""
  std::string of = "x";             // the film: "x", "x0" or "both"
  std::size_t rows = 8, gif_images = 16;
  std::size_t frames = 0;  // 0: as many as are usual
  int frames_a_second = 10;

  bool any() const { return !film.empty() || !gif.empty(); }
};

/// The run to be shown. Refers to its parts.
struct FilmedRun {
  const Schedule& schedule;
  std::span<const NoiseLevel> grid;
  const GenerateRequest& request;
  const std::vector<Turn>& turns;  // of its samples
};

class Films {
 public:
  Films(const FilmRequest& asked, const FilmedRun& run);

  /// For generate(); refers to this object.
  GenerateWatch watch();
  void write() const;

 private:
  void write_film() const;
  void write_gif() const;
  std::string row_label(std::size_t sample) const;

  FilmRequest asked_;
  FilmedRun run_;
  std::optional<Recording> film_, gif_;
};

}  // namespace diffusion
