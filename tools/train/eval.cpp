#include "tools/train/eval.hpp"

#include <iostream>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model_schedule.hpp"
#include "lib/models/pipeline_drawing.hpp"
#include "lib/models/start_data.hpp"
#include "lib/train/evaluation.hpp"
#include "lib/train/picture_reading.hpp"
#include "tools/cli/device.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/model_options.hpp"
#include "tools/cli/schedule_options.hpp"
#include "tools/train/eval_report.hpp"

namespace diffusion {

namespace {

void add_model(const cli::Flags& flags, EvalRequest& request) {
  flags.add({.names = "model",
             .value = "MODEL",
             .help = "A model file, a diffusers folder, mixture:FILE.json or empirical:DATA",
             .values = cli::a_model("exec:"),
             .required = true},
            request.model);
  flags.add({.names = "data",
             .value = "DATA",
             .help = "Images: folders, files, arrays, archives",
             .values = cli::files(),
             .required = true},
            request.data);
  cli::add_schedule(flags, request.schedule, "the model's own; cosine where it has none");
  cli::add_weights(flags, request.weights);
  cli::add_device(flags, request.device);
}

void add_questions(const cli::Flags& flags, EvalRequest& request) {
  flags.add(
      {"-n,--count", "N", "How many images, from the first", cli::whole(1, std::uint64_t(1) << 40)},
      request.count);
  flags.add({"--steps", "N", "Terms of the bound visited an image", cli::whole(1, max_steps)},
            request.steps);
  flags.add({.names = "--ode",
             .value = "N",
             .help = "Also integrate the probability-flow ODE, in so many steps",
             .values = cli::whole(0, max_steps),
             .otherwise = "0, none"},
            request.ode);
  flags.add({"--bands", "N", "Bands of t in the table", cli::whole(1, 1000)}, request.bands);
  flags.read({"--by", "class", "class: also loss and bits of each class", cli::one_of({"class"})},
             [&](const std::string&) {
               request.by_class = true;
               if (!request.labels) request.labels = "own";
             });
  flags.add({"--labels", "WHERE",
             "Tell the model each image's class: DATA's own, prefix, or a file of labels",
             cli::or_files(cli::words({"own", "prefix"}))},
            request.labels);
  flags.add({.names = "--variance",
             .value = "NAME",
             .help = "Of the reverse steps: {}",
             .values = cli::one_of({"small", "large", "learned"}),
             .otherwise = "learned where it was"},
            request.variance);
  flags.add({"--no-clip", "", "Do not limit estimates of clean images to [-1, 1]"},
            request.no_clip);
  flags.add({"--seed", "N", "The seed of all draws"}, request.seed);
  flags.add({"--json", "", "Print one JSON document"}, request.json);
}

}  // namespace

const CLI::App* add_eval(cli::Tool& tool, EvalRequest& request) {
  const cli::Flags flags =
      tool.add_command("eval", "Print loss by noise level and bits per dimension on images");
  add_model(flags, request);
  add_questions(flags, request);
  cli::add_image_options(flags, request.reading);
  cli::add_opacity(flags, request.reading);
  return &flags.app();
}

namespace {

ImageSetOptions reading_of(const EvalRequest& request, const Model& model) {
  ImageSetOptions reading = as_trained(request.reading, model);
  if (request.labels && request.labels != "own") reading.labels = request.labels;
  return reading;
}

ModelImages images_of(const cli::Tool& tool, const EvalRequest& request, const Model& model) {
  const bool as_they_are = !request.reading.range && !request.labels;
  auto values = as_they_are ? read_values(model, request.data, request.count) : std::nullopt;
  ModelImages images =
      values ? *std::move(values)
             : load_model_images(request.data, model.shape,
                                 {.reading = reading_of(request, model), .most = request.count});
  cli::complain_of(tool, images.failures, images.size(), join(request.data, ", "));
  if (request.labels) {
    number_as(model, images, request.data.front());
    cli::tell_of_unlabelled(tool, images.unlabelled, join(request.data, ", "));
  } else {
    images.labels.clear();
  }
  return images;
}

ReverseVariance variance_of(const EvalRequest& request, const PipelineDrawing& usual) {
  const std::string& name = request.variance.empty() ? usual.variance : request.variance;
  if (name == "large") return ReverseVariance::large;
  return name == "learned" ? ReverseVariance::learned : ReverseVariance::small;
}

Clipping clipping_of(const EvalRequest& request, const PipelineDrawing& usual) {
  return usual.clip == "none" || request.no_clip ? Clipping::none : Clipping::to_range;
}

struct Judged {
  const Model& model;
  const ModelImages& images;
  TrainedFor trained;
  Clipping clipping;
};

Judgement judgement_of(const cli::Tool& tool, const EvalRequest& request, const Judged& judged) {
  const auto& [model, images, trained, clipping] = judged;
  Progress progress(tool.progress(), "evaluating", images.size(), "images");
  return judge(model, images,
               {.schedule = schedule_for(model, request.schedule, request.model),
                .noise = NoiseSource(request.seed, "diff-train eval"),
                .ode_noise = NoiseSource(request.seed, "diff-train eval ode"),
                .trained = trained,
                .clipping = clipping,
                .terms = request.steps,
                .ode = request.ode,
                .bands = request.bands,
                .by_class = request.by_class ? ByClass::yes : ByClass::no,
                .progress = [&](std::size_t done) { progress.update(done); }});
}

}  // namespace

cli::ExitCode evaluate(cli::Tool& tool, const EvalRequest& request) {
  if (request.model.starts_with("exec:"))
    throw Error(request.model +
                ": eval judges model files, folders, mixtures and data sets, not programs");
  const Model model = load_model(request.model, {.weights = request.weights,
                                                 .schedule = request.schedule,
                                                 .engine = cli::engine_on(tool, request.device),
                                                 .telling = cli::telling_of(tool),
                                                 .reading = request.reading});
  cli::complain_of(tool, model.failures, model.images_used, request.model);
  const bool point = model.shape[0] == 1 && model.shape[1] == 1;
  if (model.numbers && point && request.labels)
    throw Error("--labels, --by: are of images, and " + request.model + " is a model of points");
  if (model.labels == 0 && request.labels && !request.by_class)
    throw Error(request.model +
                ": has no classes that it could be told; --labels needs --by class");
  TrainedFor trained = model.file ? trained_for(*model.file) : TrainedFor{};
  const PipelineDrawing usual = usual_drawing(model, request.model);
  trained.variance = variance_of(request, usual);
  const ModelImages images = images_of(tool, request, model);
  const Judgement found =
      judgement_of(tool, request, {model, images, std::move(trained), clipping_of(request, usual)});
  if (request.json)
    std::cout << to_text(to_json(found, images.label_names));
  else
    print_text(std::cout, found, images.label_names);
  tool.explain("bits of " + decoder_name(found) + ", " + std::to_string(found.images) +
               " images, " + std::to_string(found.terms) + " of " +
               std::to_string(found.steps - 1) + " KL terms each");
  return images.failures.empty() && model.failures.empty() ? cli::done : cli::partial;
}

}  // namespace diffusion
