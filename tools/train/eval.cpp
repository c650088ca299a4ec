#include "tools/train/eval.hpp"

#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/train/eval_images.hpp"
#include "tools/train/eval_judge.hpp"
#include "tools/train/eval_report.hpp"

namespace diffusion {

CLI::App* add_eval(cli::Tool& tool, EvalRequest& request) {
  CLI::App* app = tool.app().add_subcommand(
      "eval", "Print loss by noise level and bits per dimension on images");
  app->add_option("model", request.model,
                  "A model file, a diffusers folder, mixture:FILE.json or empirical:DATA")
      ->type_name("MODEL")
      ->required();
  app->add_option("data", request.data, "Images: folders, files, arrays, archives")
      ->type_name("DATA")
      ->required();
  app->add_option("-n,--count", request.count, "How many images, from the first (default: 100)")
      ->check(cli::whole_number(1, std::uint64_t(1) << 40))
      ->type_name("N");
  app->add_option("--steps", request.steps, "Terms of the bound visited an image (default: 100)")
      ->check(cli::whole_number(1, max_steps))
      ->type_name("N");
  app->add_option("--ode", request.ode,
                  "Also integrate the probability-flow ODE, in so many steps (default: 0, none)")
      ->check(cli::whole_number(0, max_steps))
      ->type_name("N");
  app->add_option("--bands", request.bands, "Bands of t in the table (default: 10)")
      ->check(cli::whole_number(1, 1000))
      ->type_name("N");
  app->add_option_function<std::string>(
         "--by",
         [&](const std::string&) {
           request.by_class = true;
           if (!request.labels) request.labels = "own";
         },
         "class: also loss and bits of each class")
      ->check(CLI::IsMember({"class"}).description(""))
      ->type_name("class");
  app->add_option("--labels", request.labels,
                  "Tell the model each image's class: DATA's own, prefix, or a file of labels")
      ->type_name("WHERE");
  app->add_option("--variance", request.variance,
                  "Of the reverse steps: small, large or learned (default: learned where it was)")
      ->check(CLI::IsMember({"small", "large", "learned"}).description(""))
      ->type_name("NAME");
  app->add_option("-s,--schedule", request.schedule,
                  "Schedule (default: the model's own; cosine where it has none)")
      ->type_name("SCHEDULE");
  app->add_option("--weights", request.weights, "ema, ema:RATE or raw (default: ema)")
      ->type_name("WHICH");
  app->add_flag("--no-clip", request.no_clip, "Do not limit estimates of clean images to [-1, 1]");
  app->add_option("--seed", request.seed, "The seed of all draws (default: 0)")
      ->check(cli::whole_number())
      ->type_name("N");
  app->add_flag("--json", request.json, "Print one JSON document");
  cli::add_image_options(*app, request.reading);
  return app;
}

cli::ExitCode evaluate(cli::Tool& tool, const EvalRequest& request) {
  catch_interrupts();
  const Model model = load_model(request.model, {.weights = request.weights});
  if (model.labels == 0 && request.labels && !request.by_class)
    throw Error(request.model +
                ": has no classes that it could be told; --labels needs --by class");
  const EvalImages images = load_eval_images(tool, request, model);
  const Judgement found = judge(tool, request, model, images);
  if (request.json)
    std::cout << to_text(to_json(found, images));
  else
    print_text(std::cout, found, images);
  tool.explain("bits of " + decoder_name(found.decoder) + ", " + std::to_string(found.images) +
               " images, " + std::to_string(found.terms) + " of " +
               std::to_string(found.steps - 1) + " KL terms each");
  return images.failures > 0 ? cli::partial : cli::done;
}

}  // namespace diffusion
