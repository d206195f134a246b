// Makes the Q8_0 form of a GGUF model once, at bootstrap: quantize IN.gguf OUT.gguf
#include <llama.h>
#include <stdio.h>

static void warnings_only(enum ggml_log_level level, const char *text, void *unused) {
    (void)unused;
    if (level >= GGML_LOG_LEVEL_WARN) fputs(text, stderr);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: quantize IN.gguf OUT.gguf\n");
        return 64;
    }
    llama_log_set(warnings_only, NULL);
    llama_backend_init();
    llama_model_quantize_params parameters = llama_model_quantize_default_params();
    parameters.ftype = LLAMA_FTYPE_MOSTLY_Q8_0;
    parameters.allow_requantize = true;
    parameters.nthread = 2;
    uint32_t failure = llama_model_quantize(arguments[1], arguments[2], &parameters);
    llama_backend_free();
    return failure ? 1 : 0;
}
