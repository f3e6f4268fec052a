dist_man_MANS += %D%/vtpm-state.5 %D%/vtpm-eventlog.5
dist_man_MANS += %D%/vtpm-setup.8
dist_man_MANS += %D%/vtpm-ca-command.7 %D%/vtpm-control.7
dist_man_MANS += %D%/vtpm-cuse.8 %D%/vtpm-ctl.8
dist_man_MANS += %D%/vtpm-hook.8
dist_man_MANS += %D%/vtpm-cuse.conf.5 %D%/vtpm-class.5 %D%/vtpm-runtime.8
dist_man_MANS += %D%/vtpm-verify.1
