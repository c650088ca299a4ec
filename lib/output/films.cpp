#include "lib/output/films.hpp"

#include <algorithm>

#include "lib/image/animation.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/noise/level_text.hpp"
#include "lib/output/caption.hpp"

namespace diffusion {
namespace {

constexpr std::size_t usual_film_frames = 10, usual_gif_frames = 51;
constexpr double last_frame_stays = 2;  // seconds

std::optional<Recording> recording(const std::string& file, const FilmedRun& run,
                                   std::size_t samples, std::size_t frames) {
  if (file.empty()) return std::nullopt;
  return Recording({.grid = run.grid,
                    .shape = run.request.shape,
                    .samples = std::min(samples, run.request.count),
                    .frames = frames});
}

/// What a film shows of a sample, a row each.
std::vector<std::string> rows_of(const std::string& of) {
  if (of == "both") return {"x", "x_0"};
  return {of == "x" ? "x" : "x_0"};
}

/// All samples at one level, as square as can be.
Image square(const Recording& recording, std::size_t frame,
             Image (Recording::*picture)(std::size_t, std::size_t) const) {
  return contact_sheet({.count = recording.samples(),
                        .picture = [&](std::size_t n) { return (recording.*picture)(frame, n); }},
                       {.gap = 1, .scale = SheetLayout::readable});
}

}  // namespace

Films::Films(const FilmRequest& asked, const FilmedRun& run)
    : asked_(asked),
      run_(run),
      film_(recording(asked.film, run, asked.rows,
                      asked.frames == 0 ? usual_film_frames : asked.frames)),
      gif_(recording(asked.gif, run, asked.gif_images,
                     asked.frames == 0 ? usual_gif_frames : asked.frames)) {}

GenerateWatch Films::watch() {
  std::vector<GenerateWatch> watches;
  for (auto* recording : {&film_, &gif_})
    if (*recording) watches.push_back((*recording)->watch());
  return joined(std::move(watches));
}

void Films::write() const {
  if (film_) write_film();
  if (gif_) write_gif();
}

std::string Films::row_label(std::size_t sample) const {
  if (!run_.turns.empty()) return run_.turns[sample % run_.turns.size()].name;
  return std::to_string(run_.request.first + sample);
}

void Films::write_film() const {
  const auto kinds = rows_of(asked_.of);
  const std::size_t columns = film_->frames();
  SheetLayout layout{.columns = columns, .scale = SheetLayout::readable};
  for (std::size_t frame = 0; frame < columns; ++frame)
    layout.column_labels.push_back(caption(level_asked(run_.schedule, film_->level(frame))));
  for (std::size_t sample = 0; sample < film_->samples(); ++sample)
    for (const auto& kind : kinds)
      layout.row_labels.push_back(row_label(sample) + (kinds.size() > 1 ? "\n" + kind : ""));
  const auto picture = [&](std::size_t n) {
    const std::size_t row = n / columns, sample = row / kinds.size();
    return kinds[row % kinds.size()] == "x" ? film_->state(n % columns, sample)
                                            : film_->estimate(n % columns, sample);
  };
  write_image(asked_.film, contact_sheet({layout.row_labels.size() * columns, picture}, layout));
}

void Films::write_gif() const {
  std::vector<std::string> captions;
  for (std::size_t frame = 0; frame < gif_->frames(); ++frame)
    captions.push_back(caption(level_asked(run_.schedule, gif_->level(frame))));
  const std::size_t width = longest_line(captions);
  const std::string steps = std::to_string(run_.grid.size() - 1);
  Animation animation;
  for (std::size_t frame = 0; frame < gif_->frames(); ++frame) {
    const std::string step = std::to_string(gif_->step(frame));
    const std::string count = std::string(steps.size() - step.size(), ' ') + step + "/" + steps;
    const Image sides[] = {square(*gif_, frame, &Recording::state),
                           square(*gif_, frame, &Recording::estimate)};
    animation.add(contact_sheet(sides, {.columns = 2,
                                        .gap = 4,
                                        .column_labels = {padded(captions[frame], width),
                                                          "estimate of x_0\nstep " + count}}));
  }
  animation.write(asked_.gif,
                  {.frames_a_second = asked_.frames_a_second, .hold = last_frame_stays});
}

}  // namespace diffusion
