/// Short everyday sentences for telling languages apart, besides the examples of the content:
/// of the written varieties, and of languages that the bot must not mistake for one of them.
enum LanguageSeeds {
    static let sentences: [(Variety, String)] = lines.flatMap { variety, text in
        text.split(separator: "\n").map { (variety, String($0)) }
    }

    private static let lines: [(Variety, String)] = [
        (
            .nl,
            """
            hallo
            hoi
            goedemorgen
            dank je
            bedankt
            dag
            ja graag
            nee
            hallo hoe gaat het met jou
            goedemorgen ik heb een vraag
            wat moet ik nu doen
            ik weet het niet meer
            kunt u mij helpen alstublieft
            waar kan ik dat vinden en wanneer
            dank je wel voor de hulp
            zij hebben mij niets gezegd over het geld
            mijn broer zit nog steeds daar en wij horen niks van hem
            hoe lang duurt dat nog
            is er iemand die dit leest
            nee dat bedoel ik niet
            ik wil graag met een mens praten
            wat is het weer morgen in amsterdam
            kan ik bij jullie werken
            bedankt fijne dag nog
            waarom antwoordt niemand
            hij is vorige week teruggestuurd
            dit klopt niet volgens mij
            welke papieren heb je daarvoor nodig
            """
        ),
        (
            .en,
            """
            hello
            hi there
            good morning
            thanks
            thank you
            yes please
            no
            hello how are you today
            good morning i have a question
            what should i do now
            i don't know anymore
            can you help me please
            where can i find that and when
            thank you very much for your help
            they told me nothing about the money
            my brother is still there and we hear nothing from him
            how long does that take
            is anybody reading this
            no that is not what i mean
            i want to talk to a human
            what is the weather tomorrow in london
            can i work with you guys
            thanks have a nice day
            why is nobody answering
            he was sent back last week
            i think this is wrong
            which papers do you need for it
            """
        ),
        (
            .fr,
            """
            bonjour
            salut
            bonsoir
            merci
            merci beaucoup
            oui
            non
            bonjour comment allez-vous
            salut j'ai une question
            qu'est-ce que je dois faire maintenant
            je ne sais plus
            pouvez-vous m'aider s'il vous plaît
            où est-ce que je peux trouver ça et quand
            merci beaucoup pour votre aide
            ils ne m'ont rien dit pour l'argent
            mon frère est toujours là-bas et on n'a pas de nouvelles
            ça prend combien de temps
            est-ce que quelqu'un lit ça
            non ce n'est pas ce que je veux dire
            je veux parler à une personne
            quel temps fait-il demain à paris
            je peux travailler chez vous
            merci bonne journée
            pourquoi personne ne répond
            il a été renvoyé la semaine dernière
            je crois que c'est faux
            quels papiers il faut pour ça
            c koi le numero svp
            """
        ),
        (
            .ar,
            """
            السلام عليكم
            مرحبا
            شكرا
            شكرا جزيلا
            نعم
            السلام عليكم كيف حالك
            صباح الخير عندي سؤال
            ماذا يجب أن أفعل الآن
            لا أعرف ماذا أفعل
            هل يمكنكم مساعدتي من فضلكم
            أين أجد ذلك ومتى
            شكرا جزيلا على المساعدة
            لم يقولوا لي شيئا عن المال
            ما زال أخي هناك ولا نسمع عنه شيئا
            كم من الوقت يستغرق ذلك
            هل يقرأ أحد هذه الرسائل
            لا ليس هذا ما أقصده
            أريد أن أتحدث مع شخص
            كيف سيكون الطقس غدا
            لماذا لا يجيب أحد
            لقد أعادوه الأسبوع الماضي
            أعتقد أن هذا غير صحيح
            ما هي الأوراق التي أحتاج إليها
            """
        ),
        (
            .ary,
            """
            السلام
            شكرا بزاف
            واخا
            الله يخليك
            اييه
            السلام لاباس عليك خويا
            صباح الخير عندي واحد السؤال
            شنو خاصني ندير دابا
            ما عرفتش شنو ندير
            واش تقدرو تعاونوني عافاكم
            فين نلقى هادشي و إمتى
            شكرا بزاف الله يخليك
            ما قالو ليا والو على الفلوس
            خويا مازال تما وما كنسمعو عليه والو
            شحال كياخد هادشي ديال الوقت
            واش شي واحد كيقرا هادشي
            لا ماشي هادشي اللي بغيت نقول
            بغيت نهضر مع شي واحد
            كيفاش غادي يكون الجو غدا
            علاش حتى واحد ما كيجاوب
            راه رجعوه السيمانة اللي فاتت
            كيفاه راك واش راني ندير درك
            شنوة نعمل توا يعيشك
            """
        ),
        (
            .aryLatn,
            """
            salam
            slm khoya
            salam 3alaykom
            chokran
            wakha
            iyeh
            merci khoya
            salam labas 3lik khoya
            sba7 lkhir 3ndi wa7ed so2al
            chno khasni ndir daba
            ma3reftch chno ndir
            wach t9edro t3awnouni 3afakom
            fin nl9a hadchi w imta
            chokran bzaf lah ykhelik
            ma galo lia walo 3la lflous
            khoya mazal tema w ma kansem3o 3lih walo
            ch7al kayakhod hadchi dyal lwe9t
            wach chi wa7ed kay9ra hadchi
            la machi hadchi li bghit ngoul
            bghit nhder m3a chi wa7ed
            kifach ghadi ykoun ljaw ghedda
            3lach 7ta wa7ed ma kayjaweb
            rah rej3ouh simana li fatet
            wech rani ndir dork khouya
            chnowa na3mel tawa y3aychek
            wash kayn chi jdid f dossier dyali
            slm bghit nsewlkom 3la wahed lhaja
            """
        ),
        (
            .other,
            """
            merhaba
            teşekkürler
            evet
            hola
            gracias
            danke
            grazie
            ciao
            merhaba nasılsın
            iyi günler bir sorum var
            şimdi ne yapmam lazım
            bana yardım edebilir misiniz lütfen
            şikayetim ne oldu hâlâ devam ediyor mu
            kardeşim nerede ondan haber alamıyoruz
            bavulum gelmedi ne yapmalıyım
            beni geri gönderdiler param ne zaman gelecek
            çok teşekkür ederim sağ olun
            burada kimse var mı
            biriyle konuşmak istiyorum
            avukatım cevap vermiyor
            hayır bunu demek istemedim
            ne zaman cevap verirsiniz
            türkçe biliyor musunuz
            dun geldim kalacak yerim yok
            hola cómo estás
            buenos días tengo una pregunta
            qué debo hacer ahora
            me pueden ayudar por favor
            dónde está mi hermano no sabemos nada de él
            mi maleta no llegó qué hago
            cuándo van a pagar el dinero
            muchas gracias por su ayuda
            quiero hablar con una persona
            me han deportado y no tengo dinero
            hallo wie geht es dir
            ich habe eine frage können sie mir helfen
            was soll ich jetzt machen
            mein bruder wurde abgeschoben wo ist er
            mein koffer ist nicht angekommen
            wann bekomme ich das geld
            vielen dank für ihre hilfe
            ich möchte mit einem menschen sprechen
            ciao come stai
            ho una domanda potete aiutarmi per favore
            dove si trova mio fratello
            la mia valigia non è arrivata
            quando arrivano i soldi
            grazie mille per l'aiuto
            olá tudo bem
            tenho uma pergunta pode me ajudar por favor
            onde está o meu irmão
            a minha mala não chegou
            obrigado pela ajuda
            cześć jak się masz
            mam pytanie czy możecie mi pomóc
            gdzie jest mój brat
            dziękuję bardzo
            si aad tahay walaal
            ma i caawin kartaa fadlan
            halkee ayuu joogaa walaalkay
            përshëndetje si jeni a mund të më ndihmoni
            ku është vëllai im
            bună ziua am o întrebare mă puteți ajuta
            unde este fratele meu
            azul manik tgit ma tskart
            سلام حال شما چطور است
            من یک سوال دارم لطفا کمک کنید
            برادرم کجاست چمدانم نرسیده
            پولم کی می‌رسد خیلی ممنون
            آپ کیسے ہیں مجھے مدد چاہیے
            میرا بھائی کہاں ہے
            سڵاو چۆنی من پرسیارێکم هەیە
            """
        ),
    ]
}
