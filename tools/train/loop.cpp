#include "tools/train/loop.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/train/kept_checkpoints.hpp"
#include "lib/train/log.hpp"
#include "lib/train/loss_plot.hpp"
#include "lib/train/preview.hpp"

namespace diffusion {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Why a run stops before its last step; the greater reason counts.
enum class Stop { none, out_of_time, requested, interrupted };

class Run {
 public:
  Run(cli::Tool& tool, const TrainRequest& request, Trainer& trainer, const Validation* validation)
      : tool_(tool),
        request_(request),
        trainer_(trainer),
        validation_(validation),
        begun_(trainer.progress().steps),
        log_(request.log, begun_),
        start_(Clock::now()) {
    const std::uint64_t steps = trainer.config().steps;
    last_ = request.until > 0 ? std::min(std::uint64_t(request.until), steps) : steps;
  }

  cli::ExitCode all() {
    Progress progress(tool_.progress(), "training", last_ * trainer_.config().batch, "images");
    while (done().steps < last_ && (!stopping() || trainer_.under_way())) {
      const auto step_start = Clock::now();
      const StepReport report = trainer_.step(after(done().steps + 1));
      log_.add(report, double(trainer_.config().batch) / seconds_since(step_start));
      progress.update(report.step * trainer_.config().batch,
                      "step " + std::to_string(report.step) + "/" + std::to_string(last_) +
                          ", loss " + significant(done().mean_loss, 3));
      between_steps(report.step);
    }
    progress.finish();
    return finish();
  }

 private:
  const TrainingProgress& done() const { return trainer_.progress(); }
  /// What the user, the clock or a batch system asks of this process.
  Stop asked() const {
    if (interrupted()) return Stop::interrupted;
    if (stop_requested()) return Stop::requested;
    const bool over = request_.max_seconds > 0 && seconds_since(start_) >= request_.max_seconds;
    return over ? Stop::out_of_time : Stop::none;
  }
  /// Whether any rank is asked to stop: all stop after the same step.
  bool stopping() {
    stop_ = std::ranges::max(of_all(trainer_.ranks(), asked()));
    return stop_ != Stop::none;
  }
  bool due(std::uint64_t step, std::uint64_t every) const {
    return every > 0 && (step % every == 0 || step == trainer_.config().steps);
  }

  bool validates(std::uint64_t step) const {
    return validation_ && due(step, trainer_.config().validate_every);
  }
  bool previews(std::uint64_t step) const {
    return !request_.preview.empty() && due(step, request_.preview_every);
  }
  bool saves(std::uint64_t step) const {
    const std::uint64_t every = trainer_.config().save_every;
    return every > 0 && step % every == 0 && request_.output != "-";
  }
  bool takes_snapshot(std::uint64_t step) const {
    return request_.output != "-" && due(step, trainer_.config().snapshots_every);
  }
  /// What comes after a step.
  Trainer::Next after(std::uint64_t step) const {
    const bool waits = stop_ != Stop::none || step >= last_ || validates(step) || previews(step) ||
                       saves(step) || takes_snapshot(step);
    return waits ? Trainer::Next::waits : Trainer::Next::follows;
  }

  void between_steps(std::uint64_t step) {
    if (validates(step)) validate(step);
    if (previews(step)) preview(step);
    if (takes_snapshot(step) && trainer_.skipped_in_a_row() == 0)
      trainer_.save(snapshot_name(request_.output, step), Trainer::Saved::snapshot);
    if (!saves(step)) return;
    if (trainer_.skipped_in_a_row() > 0) return;  // the file keeps what was good
    trainer_.save(request_.output);
    saved_ = step;
    if (!trainer_.ranks().first()) return;
    keep_checkpoint(request_.output, step,
                    {.most = request_.keep, .every = trainer_.config().save_every});
    plot();
  }

  void preview(std::uint64_t step) {
    if (write_preview(trainer_, request_.preview)) previewed_ = step;
  }

  void validate(std::uint64_t step) {
    ValidationLoss loss{};
    trainer_.with_average(
        [&](const Network& network) { loss = validation_->of(network, trainer_.ranks()); });
    log_.add(step, loss);
    validation_loss_ = loss.mean;
  }

  void plot() const {
    if (request_.plot.empty() || log_.training().empty()) return;
    write_file(request_.plot,
               draw_with_gnuplot(loss_script(log_.training(), log_.validation(),
                                             picture_type(request_.plot, "--plot"))));
  }

  cli::ExitCode finish() {
    if (done().steps > begun_) {
      if (diverging())
        tool_.complain(request_.output + ": not written, as the last " +
                       std::to_string(trainer_.skipped_in_a_row()) + " steps were not finite");
      else if (saved_ != done().steps)
        trainer_.save(request_.output);
      plot();
      // Whoever interrupts does not wait for pictures.
      if (!request_.preview.empty() && previewed_ != done().steps && !diverging() &&
          stop_ != Stop::interrupted)
        preview(done().steps);
    }
    const bool complete = done().steps >= trainer_.config().steps;
    tell(complete);
    if (tool_.common().json && trainer_.ranks().first()) std::cout << to_text(summary(complete));
    if (diverging()) return cli::failed;
    if (complete) return cli::done;
    return stop_ == Stop::interrupted ? cli::stopped : cli::unfinished;
  }

  /// A step now and then may be skipped; several in a row speak against the weights.
  bool diverging() const { return trainer_.skipped_in_a_row() >= 3; }

  double images_per_second() const {
    return double((done().steps - begun_) * trainer_.config().batch) / seconds_since(start_);
  }

  /// Where a run that is gone on with has no step left to do.
  void tell_of_none(bool complete) const {
    const std::string has = request_.output + ": has ";
    const std::string steps = count_of(begun_, "step");
    if (complete)
      tool_.say(has + "its " + steps + " already; --steps with a larger number goes on");
    else if (begun_ >= last_)
      tool_.say(has + steps + " already, and --until " + std::to_string(last_) +
                " asks for no more");
    else
      tool_.say("stopped before the first step");
  }

  void tell(bool complete) const {
    const TrainingProgress& progress = done();
    if (progress.steps == begun_) return tell_of_none(complete);
    if (progress.skipped > 0)
      tool_.say(std::to_string(progress.skipped) + " step" + (progress.skipped == 1 ? "" : "s") +
                " skipped: not finite");
    tool_.say((request_.output == "-" ? "standard output" : request_.output) + ": step " +
              std::to_string(progress.steps) + " of " + std::to_string(trainer_.config().steps) +
              ", mean loss " + significant(progress.mean_loss, 3) +
              (validation_loss_ ? ", validation " + significant(*validation_loss_, 3) : "") + ", " +
              significant(images_per_second(), 3) + " images/s");
    if (complete) return;
    if (progress.steps >= last_) return tool_.say("stopped at --until; --resume goes on");
    tool_.say(stop_ == Stop::out_of_time ? "the time is over; --resume goes on"
                                         : "stopped; --resume goes on");
  }

  Json summary(bool complete) const {
    Json json = {{"model", request_.output},
                 {"complete", complete},
                 {"step", done().steps},
                 {"steps", trainer_.config().steps},
                 {"images", done().images},
                 {"skipped", done().skipped},
                 {"mean_loss", number_to_json(done().mean_loss)},
                 {"seconds", seconds_since(start_)},
                 {"images_per_second", images_per_second()}};
    if (validation_loss_) json["validation_loss"] = number_to_json(*validation_loss_);
    return json;
  }

  cli::Tool& tool_;
  const TrainRequest& request_;
  Trainer& trainer_;
  const Validation* validation_;
  std::uint64_t begun_, last_ = 0, saved_ = 0, previewed_ = 0;
  TrainingLog log_;
  Clock::time_point start_;
  Stop stop_ = Stop::none;
  std::optional<double> validation_loss_;
};

}  // namespace

cli::ExitCode run_steps(cli::Tool& tool, const TrainRequest& request, Trainer& trainer,
                        const Validation* validation) {
  return Run(tool, request, trainer, validation).all();
}

}  // namespace diffusion
